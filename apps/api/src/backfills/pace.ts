import type { BudgetReport } from '@tributary/contracts';

type Budget = BudgetReport['budgets'][number];

export interface Pace {
  ms: number;
  /** How it was computed, for people. */
  computed: string;
}

/** Of a platform without a budget that counts. */
const MS_PER_CALL = 250;
/** So much of a window is counted on even where others take all of it: they will not for ever. */
const LEAST_SHARE = 0.05;

/** How long so many calls take in the lane of backfills, given who else spends now and what is reserved for others. */
export function paceOf(calls: number, budgets: readonly Budget[], spends: string | undefined): Pace {
  const counted = budgets.filter(({ name, unit }) => (spends === undefined ? unit === 'requests' : name === spends));
  const slowest = counted.map((budget) => inBudget(calls, budget)).toSorted((a, b) => b.ms - a.ms)[0];
  return (
    slowest ?? { ms: calls * MS_PER_CALL, computed: `${calls} calls at ${MS_PER_CALL} ms each; no budget limits them` }
  );
}

function inBudget(calls: number, budget: Budget): Pace {
  const { name, limit, reducedTo, windowMs } = budget;
  const allowed = reducedTo ?? limit;
  const taken = takenByOthers(budget);
  const left = Math.max(allowed - taken, allowed * LEAST_SHARE);
  // What is left of this window goes at once.
  const ms = Math.max(calls * MS_PER_CALL, Math.max(0, calls / left - 1) * windowMs);
  return {
    ms,
    computed: `${calls} calls; of the budget ${name}, ${rounded(allowed)} in ${windowMs / 1_000} s, others have or spend ${rounded(taken)} and ${rounded(left)} are left for backfills`,
  };
}

/** What is reserved for other lanes, or spent by them in this window where that is more. */
function takenByOthers({ byLane, reserved = {} }: Budget): number {
  const shares = Object.entries(reserved).filter(([lanes]) => !lanes.split('+').includes('backfill'));
  const named = new Set(shares.flatMap(([lanes]) => lanes.split('+')));
  const ofShares = shares.map(([lanes, units]) => {
    const spent = lanes.split('+').reduce((sum, lane) => sum + (byLane[lane] ?? 0), 0);
    return Math.max(units, spent);
  });
  const ofOthers = Object.entries(byLane).flatMap(([lane, units]) =>
    lane === 'backfill' || named.has(lane) ? [] : units,
  );
  return [...ofShares, ...ofOthers].reduce((sum, units) => sum + units, 0);
}

const rounded = (units: number): number => Math.round(units * 10) / 10;

/** ISO 8601, to the second, rounded up. */
export function isoDuration(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1_000);
  const text = (units: readonly (readonly [count: number, unit: string])[]) =>
    units.flatMap(([count, unit]) => (count > 0 ? `${count}${unit}` : [])).join('');
  const days = text([[Math.floor(seconds / 86_400), 'D']]);
  const time = text([
    [Math.floor((seconds % 86_400) / 3_600), 'H'],
    [Math.floor((seconds % 3_600) / 60), 'M'],
    [seconds % 60, 'S'],
  ]);
  if (days === '' && time === '') return 'PT0S';
  return `P${days}${time === '' ? '' : `T${time}`}`;
}
