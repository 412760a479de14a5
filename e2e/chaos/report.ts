import { comparePoints } from './check/compare.ts';
import type { Facts } from './check/facts.ts';
import type { Violation } from './check/invariant.ts';
import type { RoundResult } from './round.ts';

/** What a round comes to, in numbers. */
export interface Counts {
  offered: number;
  accepted: number;
  stored: number;
  lost: number;
  phantom: number;
  duplicated: number;
  wrong: number;
  /** Missing, and told to be where the platform keeps nothing. */
  told: number;
  /** Values that still held, told again at the time of a later message. */
  held: number;
  /** Stretches of devices that the ledger of coverage calls missing, and will have read again. */
  holes: number;
  redelivered: number;
  corrected: number;
  superseded: number;
  parked: number;
  commands: number;
  unknownCommands: number;
  repliesLost: number;
  /** Processes that ended at a failpoint. */
  ended: number;
  recoverySeconds: number;
  restSeconds: number;
  seconds: number;
  mostMemoryMb: number;
}

export function countsOf({ facts, recoveryMs, restMs, durationMs, made }: RoundResult): Counts {
  const points = facts.points.map(comparePoints);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
  const ofAccounts = (pick: (totals: Facts['accounts'][number]['totals']) => number) =>
    sum(facts.accounts.map(({ totals }) => pick(totals)));
  return {
    offered: sum(points.map(({ expected }) => expected)),
    accepted: ofAccounts(({ received }) => received),
    stored: sum(points.map(({ stored }) => stored)),
    lost: sum(points.map(({ missing }) => missing.length)),
    phantom: sum(points.map(({ phantom }) => phantom.length)),
    duplicated: facts.twins.length,
    wrong: sum(points.map(({ wrong }) => wrong.length)),
    told: sum(points.map(({ excused }) => excused.length)),
    held: sum(points.map(({ held }) => held)),
    holes: sum(facts.coverage.map(({ holes }) => holes)),
    redelivered: ofAccounts(({ duplicate }) => duplicate),
    corrected: ofAccounts(({ corrected }) => corrected),
    superseded: ofAccounts(({ superseded }) => superseded),
    parked: facts.parked.rows.length,
    commands: facts.commands.length,
    unknownCommands: facts.commands.filter(({ rows }) => rows.some(({ state }) => state === 'unknown')).length,
    repliesLost: sum(Object.values(made.lostReplies)),
    ended: made.ended,
    recoverySeconds: Math.round(recoveryMs / 100) / 10,
    restSeconds: Math.round(restMs / 100) / 10,
    seconds: Math.round(durationMs / 1_000),
    mostMemoryMb: Math.max(0, ...Object.values(facts.memoryMb)),
  };
}

export const describeCounts = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${count}`)
    .join(' · ');

export function describeViolations(violations: readonly Violation[]): string {
  return violations
    .map(({ invariant, promise, count, examples }) =>
      [`BROKEN ${invariant}: ${promise} (${count})`, ...examples.map((one) => `    ${one.slice(0, 400)}`)].join('\n'),
    )
    .join('\n');
}
