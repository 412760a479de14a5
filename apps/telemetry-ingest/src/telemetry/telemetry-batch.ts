import type { ParkReason } from '@tributary/contracts';
import type {
  BatchPoint,
  CommitReport,
  GroupNumbers,
  PointGroup,
  RefusalReason,
  RefusedPoint,
  TelemetryBatch,
} from '@tributary/database';
import { accountPoints } from '../intake/account-points.ts';
import type { Outcome } from '../intake/accounting.ts';
import type { Held, Refusal } from '../intake/message-handling.ts';
import type { TelemetryMessage } from '../intake/telemetry-message.ts';
import type { Fault } from '../parking/reasons.ts';

/** One message is one group, at the same place. */
export function toBatch(held: readonly Held<TelemetryMessage>[]): TelemetryBatch {
  return { groups: held.map(({ item }) => toGroup(item)) };
}

function toGroup(message: TelemetryMessage): PointGroup {
  const { workspace, platform, connectionId, deviceId, nativeId, rev, receivedMs } = message;
  const numbers = toNumbers(message);
  const group = { workspace, platform, connectionId, deviceId, nativeId, rev, receivedMs, points: toPoints(message) };
  return numbers ? { ...group, numbers } : group;
}

function toNumbers({ run, places }: TelemetryMessage): GroupNumbers | undefined {
  if (!run) return undefined;
  const numbers = { run: run.id, first: run.first, confirmed: run.confirmed };
  return places ? { ...numbers, places } : numbers;
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
  for (const [place, one] of held.entries()) {
    const refused = byGroup.get(place) ?? [];
    const { connectionId } = one.item;
    for (const [reason, list] of Map.groupBy(refused, (r) => r.reason)) {
      const outcome = DROPPED[reason];
      if (outcome) settlements.push({ connectionId, outcome, points: list.length });
    }
    const guilty = refused.filter((r) => PARKED[r.reason] !== undefined);
    if (guilty.length === 0) continue;
    const places = guilty.map(({ point }) => point);
    const points = accountPoints(one.item, places);
    refusals.push({ held: one, size: guilty.length, fault: faultOf(one.item, guilty), points });
  }
  return { refusals, settlements: [...settlements, ...report.connections.flatMap(settlementsOf)] };
}

function faultOf(message: TelemetryMessage, guilty: readonly RefusedPoint[]): Fault {
  const worst = guilty.find((r) => r.reason === 'unstorable') ?? guilty[0];
  const problems = guilty.map(({ point, reason }) => ({
    path: `/data/points/${message.places?.[point] ?? point}`,
    problem: PARKED[reason]?.problem ?? 'is refused',
  }));
  return { reason: PARKED[worst?.reason ?? '']?.reason ?? 'refused-by-database', problems };
}

const settlementsOf = ({
  connectionId,
  inserted,
  duplicate,
  corrected,
  superseded,
}: CommitReport['connections'][number]): Settlement[] => [
  { connectionId, outcome: 'stored', points: inserted },
  { connectionId, outcome: 'duplicate', points: duplicate },
  { connectionId, outcome: 'corrected', points: corrected },
  { connectionId, outcome: 'superseded', points: superseded },
];
