import type { Adapter, Checkpoint, CoveredSpan, HistoryQuery, PointValue } from '../contract.ts';
import { never, pointsBy } from './collect.ts';

export interface HistoryRead {
  /** By device, signal and time. */
  points: Map<string, PointValue['value']>;
  covers: CoveredSpan[];
  /** How many pages said where to go on. */
  steps: number;
  checkpoint?: Checkpoint;
}

/** A range of history, to its end or until so many pages have said where to go on. */
export async function historyOf(
  { telemetry }: Pick<Adapter, 'telemetry'>,
  query: HistoryQuery,
  leaveAfter = Number.POSITIVE_INFINITY,
): Promise<HistoryRead> {
  const read: HistoryRead = { points: new Map(), covers: [], steps: 0 };
  for await (const { items, covers = [], checkpoint } of telemetry?.history?.(query, never) ?? []) {
    pointsBy(
      items.map((batch) => ({ ...batch, type: 'points' as const })),
      read.points,
    );
    read.covers.push(...covers);
    if (!checkpoint) continue;
    read.checkpoint = checkpoint;
    read.steps += 1;
    if (read.steps >= leaveAfter) break;
  }
  return read;
}

/** Left after so many steps and resumed, as after a crash: all points of both. */
export async function historyInTwo(adapter: Pick<Adapter, 'telemetry'>, query: HistoryQuery, leaveAfter: number) {
  const { checkpoint, points } = await historyOf(adapter, query, leaveAfter);
  const rest = await historyOf(adapter, checkpoint ? { ...query, resume: checkpoint } : query);
  return { ...rest, points: new Map([...points, ...rest.points]) };
}

/** An estimate is good if it is off by no more than a fifth, or by two calls. */
export const isClose = (estimated: number, spent: number): boolean =>
  Math.abs(estimated - spent) <= Math.max(2, spent / 5);
