import { allKinds, catalogue, type Targets } from './catalogue.ts';
import { describeFault, type FaultKind, MEASURES, type Measure, type Planned } from './faults.ts';
import { Random } from './random.ts';

export interface Plan {
  seed: number;
  faults: readonly Planned[];
  /** Points that the platforms produce in all while the plan runs. */
  points: number;
}

export interface PlanOptions {
  seed: number;
  targets: Targets;
  /** Default all. */
  kinds?: readonly FaultKind[];
  /** How many faults; default 10. */
  faults?: number;
  /** Points between two faults, on average; default 600. */
  spacing?: number;
}

/** One order is given each time so many points were produced: a plan may be keyed to either. */
export const POINTS_PER_ORDER = 150;

/** Of so many faults one is a platform's own: no other kind has as many forms. */
const VENDOR_EVERY = 4;

/**
 * What a seed stands for. The same seed with the same options is the same plan, on any machine. Every fourth fault is a
 * platform's; of the others every kind comes before one comes twice. Throws RangeError without kinds or targets.
 */
export function expand({ seed, targets, kinds = allKinds, faults = 10, spacing = 600 }: PlanOptions): Plan {
  const random = new Random(seed);
  if (kinds.length === 0) throw new RangeError('a plan needs kinds of faults');
  const drawn = draw(random, kinds, faults);
  let position = spacing / 2;
  const planned = drawn.map((kind, index): Planned => {
    position += random.whole(Math.floor(spacing / 2), Math.floor(spacing * 1.5));
    const measure = random.pick(MEASURES);
    return {
      number: index + 1,
      at: { measure, count: countOf(measure, position) },
      fault: catalogue[kind](random, targets),
    };
  });
  return { seed, faults: planned, points: Math.ceil(position + spacing) };
}

function draw(random: Random, kinds: readonly FaultKind[], faults: number): FaultKind[] {
  const others = kinds.filter((kind) => kind !== 'vendor');
  const hasVendor = others.length < kinds.length;
  const left: FaultKind[] = [];
  return Array.from({ length: faults }, (_, n) => {
    if (hasVendor && (others.length === 0 || n % VENDOR_EVERY === VENDOR_EVERY - 1)) return 'vendor';
    if (left.length === 0) left.push(...random.shuffled(others));
    return left.shift() ?? 'vendor';
  });
}

const countOf = (measure: Measure, points: number): number =>
  measure === 'ordered' ? Math.max(1, Math.floor(points / POINTS_PER_ORDER)) : Math.floor(points);

export function describePlan({ seed, faults, points }: Plan): string {
  const lines = faults.map(
    ({ number, at, fault }) => `  ${number}. at ${at.count} ${at.measure}: ${describeFault(fault)}`,
  );
  return [`seed ${seed}: ${faults.length} faults while ${points} points are produced`, ...lines].join('\n');
}
