import type {
  BatchPoint,
  CommitReport,
  PointGroup,
  RefusalReason,
  RefusedPoint,
  TelemetryBatch,
} from '@tributary/database';
import type { Outcome } from '../intake/accounting.ts';
import type { Held, Refusal } from '../intake/message-handling.ts';
import type { TelemetryMessage } from '../intake/telemetry-message.ts';
import type { Fault, ParkReason } from '../parking/reasons.ts';

/** One message is one group, at the same place. */
export function toBatch(held: readonly Held<TelemetryMessage>[]): TelemetryBatch {
  return { groups: held.map(({ item }) => toGroup(item)) };
}

function toGroup(message: TelemetryMessage): PointGroup {
  const { workspace, platform, connectionId, deviceId, nativeId, rev } = message;
  return { workspace, platform, connectionId, deviceId, nativeId, rev, points: toPoints(message) };
}

function toPoints(message: TelemetryMessage): BatchPoint[] {
  let text = '';
  let ms = 0;
  return message.points.map(({ signal, ts, value, unit }) => {
    // The points of one message often share their time.
    if (ts !== text) {
      text = ts;
      ms = millisecondsOf(ts);
    }
    return unit === undefined ? [signal, ms, value] : [signal, ms, value, unit];
  });
}

const FRACTION = /\.(\d{4,})Z$/;

/** Keeps microseconds, which `Date.parse` drops. */
export function millisecondsOf(ts: string): number {
  const ms = Date.parse(ts);
  const fraction = FRACTION.exec(ts)?.[1];
  return fraction === undefined ? ms : ms + Number(fraction.slice(3, 6).padEnd(3, '0')) / 1_000;
}

/** Refused by a rule that is about nobody's mistake: counted by its name, and not parked. */
const DROPPED: Partial<Record<RefusalReason, Outcome>> = {
  expired: 'expired',
  'unknown-connection': 'unknown-connection',
};
const PARKED: Record<string, { reason: ParkReason; problem: string }> = {
  future: { reason: 'out-of-time', problem: 'is more than a day ahead' },
  unstorable: { reason: 'refused-by-database', problem: 'has no form in the database' },
};

export interface Settlement {
  connectionId: string;
  outcome: Outcome;
  points: number;
}

export interface Judgement<H> {
  refusals: Refusal<H>[];
  settlements: Settlement[];
}

/** What a report means for the messages of its batch. Every point is in one settlement or in one refusal. */
export function judge<H extends Held<TelemetryMessage>>(held: readonly H[], report: CommitReport): Judgement<H> {
  const byGroup = Map.groupBy(report.refused, (refused) => refused.group);
  const refusals: Refusal<H>[] = [];
  const settlements: Settlement[] = [];
  const taken = new Map<string, number>();
  for (const [place, one] of held.entries()) {
    const refused = byGroup.get(place) ?? [];
    const { connectionId, points } = one.item;
    taken.set(connectionId, (taken.get(connectionId) ?? 0) + points.length - refused.length);
    for (const [reason, list] of Map.groupBy(refused, (r) => r.reason)) {
      const outcome = DROPPED[reason];
      if (outcome) settlements.push({ connectionId, outcome, points: list.length });
    }
    const guilty = refused.filter((r) => PARKED[r.reason] !== undefined);
    if (guilty.length > 0) refusals.push({ held: one, size: guilty.length, fault: faultOf(one.item, guilty) });
  }
  return { refusals, settlements: [...settlements, ...shareOut(taken, report)] };
}

function faultOf(message: TelemetryMessage, guilty: readonly RefusedPoint[]): Fault {
  const worst = guilty.find((r) => r.reason === 'unstorable') ?? guilty[0];
  const problems = guilty.map(({ point, reason }) => ({
    path: `/data/points/${message.places?.[point] ?? point}`,
    problem: PARKED[reason]?.problem ?? 'is refused',
  }));
  return { reason: PARKED[worst?.reason ?? '']?.reason ?? 'refused-by-database', problems };
}

/**
 * The counts of a report belong to the whole batch. Where several connections share a batch that had more than one
 * outcome, which of them had which is not known: each is given its number of points, and the totals stay exact.
 */
function shareOut(taken: ReadonlyMap<string, number>, report: CommitReport): Settlement[] {
  const left: [Outcome, number][] = [
    ['stored', report.inserted],
    ['duplicate', report.duplicate],
    ['corrected', report.corrected],
    ['superseded', report.superseded],
  ];
  const settlements: Settlement[] = [];
  for (const [connectionId, points] of taken) {
    let open = points;
    for (const entry of left) {
      const share = Math.min(open, entry[1]);
      if (share === 0) continue;
      entry[1] -= share;
      open -= share;
      settlements.push({ connectionId, outcome: entry[0], points: share });
    }
  }
  return settlements;
}
