interface Interval {
  fromMs: number;
  toMs: number;
}

/** More are joined with their neighbours: what is on record stays small. */
const MOST = 16;

/** Intervals as text, in the order of time, for a flat checkpoint. */
export function writeIntervals(intervals: readonly Interval[]): string {
  const list = joined(intervals);
  return list.map(({ fromMs, toMs }) => `${fromMs}-${toMs}`).join(' ');
}

/** What does not read as an interval is passed over. */
export function readIntervals(text: unknown): Interval[] {
  if (typeof text !== 'string') return [];
  return text.split(' ').flatMap((part) => {
    const found = /^(\d{1,16})-(\d{1,16})$/.exec(part);
    return found ? [{ fromMs: Number(found[1]), toMs: Number(found[2]) }] : [];
  });
}

/** Covers at least what it was given: those that touch become one, and of too many those that lie closest. */
function joined(intervals: readonly Interval[]): Interval[] {
  const list: Interval[] = [];
  for (const { fromMs, toMs } of intervals.toSorted((a, b) => a.fromMs - b.fromMs)) {
    const last = list.at(-1);
    if (last && fromMs <= last.toMs) last.toMs = Math.max(last.toMs, toMs);
    else list.push({ fromMs, toMs });
  }
  while (list.length > MOST) {
    const between = list.slice(1).map((next, at) => next.fromMs - (list[at]?.toMs ?? 0));
    const at = between.indexOf(Math.min(...between));
    const [left, right] = list.slice(at, at + 2);
    if (!left || !right) break;
    list.splice(at, 2, { fromMs: left.fromMs, toMs: right.toMs });
  }
  return list;
}
