import { minus, type NumberRanges, rangesOf, union } from '../conservation/number-ranges.ts';
import type { Stretch } from './statement.ts';

/** A stretch that says something. */
export type Span<T> = Stretch & { value: T };

export const stretchesOf = (ranges: NumberRanges): Stretch[] => ranges.map(([fromMs, toMs]) => ({ fromMs, toMs }));
export const rangesIn = (stretches: Iterable<Stretch>): NumberRanges =>
  rangesOf([...stretches].map(({ fromMs, toMs }) => [fromMs, toMs] as const));

/** All time that lies in any of them, in order and without touching. */
export const joined = (...lists: Iterable<Stretch>[]): Stretch[] => stretchesOf(union(...lists.map(rangesIn)));

/** What lies in `of` and in none of `without`. */
export const subtracted = (of: Iterable<Stretch>, without: Iterable<Stretch>): Stretch[] =>
  stretchesOf(minus(rangesIn(of), rangesIn(without)));

export const lengthOf = (stretches: Iterable<Stretch>): number => {
  let ms = 0;
  for (const { fromMs, toMs } of stretches) ms += toMs - fromMs;
  return ms;
};

/** What of it lies in the frame; undefined when nothing does. */
export function clamped<S extends Stretch>(span: S, { fromMs, toMs }: Stretch): S | undefined {
  const [from, to] = [Math.max(span.fromMs, fromMs), Math.min(span.toMs, toMs)];
  return from < to ? { ...span, fromMs: from, toMs: to } : undefined;
}

/** The parts of these spans that lie outside the hole. */
export const without = <S extends Stretch>(spans: readonly S[], hole: Stretch): S[] =>
  spans.flatMap((span) =>
    [
      clamped(span, { fromMs: Number.NEGATIVE_INFINITY, toMs: hole.fromMs }),
      clamped(span, { fromMs: hole.toMs, toMs: Number.POSITIVE_INFINITY }),
    ].filter((part) => part !== undefined),
  );

/**
 * Walks the frame from edge to edge of the spans: `decide` says what holds between two edges, given all spans that reach
 * across, in the order in which they came. The answer tiles the frame; neighbours that `same` finds equal are one.
 */
export function tiled<S extends Stretch, T>(
  frame: Stretch,
  spans: readonly S[],
  { decide, same }: { decide: (across: readonly S[], stretch: Stretch) => T; same: (a: T, b: T) => boolean },
): Span<T>[] {
  if (frame.fromMs >= frame.toMs) return [];
  const inside = spans.flatMap((span) => clamped(span, frame) ?? []);
  const edges = [...new Set([frame.fromMs, frame.toMs, ...inside.flatMap(({ fromMs, toMs }) => [fromMs, toMs])])];
  edges.sort((a, b) => a - b);
  const starting = [...inside.entries()].toSorted(([, a], [, b]) => a.fromMs - b.fromMs);
  const tiles: Span<T>[] = [];
  let across: [number, S][] = [];
  let next = 0;
  for (const [at, fromMs] of edges.slice(0, -1).entries()) {
    const toMs = edges[at + 1] ?? frame.toMs;
    across = across.filter(([, span]) => span.toMs > fromMs);
    for (let span = starting[next]; span && span[1].fromMs <= fromMs; span = starting[++next]) across.push(span);
    across.sort(([a], [b]) => a - b);
    const value = decide(
      across.map(([, span]) => span),
      { fromMs, toMs },
    );
    const last = tiles.at(-1);
    if (last && same(last.value, value)) last.toMs = toMs;
    else tiles.push({ fromMs, toMs, value });
  }
  return tiles;
}
