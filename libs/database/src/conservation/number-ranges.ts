/** A set of whole numbers: half-open ranges in order, of which no two touch. Never changed in place. */
export type NumberRanges = readonly (readonly [from: number, to: number])[];

export const NO_NUMBERS: NumberRanges = [];

/** The numbers of all of these ranges, in whatever order they are given; empty ones count for nothing. */
export function rangesOf(ranges: Iterable<readonly [from: number, to: number]>): NumberRanges {
  const joined: [number, number][] = [];
  for (const [from, to] of [...ranges].toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (from >= to) continue;
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

export const union = (...sets: NumberRanges[]): NumberRanges => rangesOf(sets.flat());

/** What is in `a` and not in `b`. */
export function minus(a: NumberRanges, b: NumberRanges): NumberRanges {
  const left: [number, number][] = [];
  let at = 0;
  for (const [from, to] of a) {
    let begin = from;
    while ((b[at]?.[1] ?? Number.POSITIVE_INFINITY) <= begin) at += 1;
    for (let next = at; begin < to; next += 1) {
      const [cutFrom, cutTo] = b[next] ?? [to, to];
      if (cutFrom > begin) left.push([begin, Math.min(cutFrom, to)]);
      begin = Math.max(begin, cutTo);
    }
  }
  return left;
}

/** What is in both. */
export const common = (a: NumberRanges, b: NumberRanges): NumberRanges => minus(a, minus(a, b));

export const sizeOf = (ranges: NumberRanges): number => ranges.reduce((sum, [from, to]) => sum + to - from, 0);

/** The least number that is not in the set, counted from 0. */
export const leastMissing = (ranges: NumberRanges): number => (ranges[0]?.[0] === 0 ? ranges[0][1] : 0);

export function* numbersIn(ranges: NumberRanges): Generator<number> {
  for (const [from, to] of ranges) for (let number = from; number < to; number += 1) yield number;
}

/** As Postgres writes an int8multirange. */
export const formatRanges = (ranges: NumberRanges): string =>
  `{${ranges.map(([from, to]) => `[${from},${to})`).join(',')}}`;

/** Reads what Postgres writes: always canonical, so always in order. Throws `RangeError` for anything else. */
export function parseRanges(text: string): NumberRanges {
  if (!/^\{(?:\[\d+,\d+\),?)*\}$/.test(text)) throw new RangeError('not a set of ranges of whole numbers');
  return [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from, to]) => [Number(from), Number(to)] as const);
}
