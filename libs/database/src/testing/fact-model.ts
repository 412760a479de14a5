import type { Json } from '@tributary/contracts';

/** A point as a fact: who sent what, when. */
export interface Fact {
  device: string;
  signal: string;
  tsMs: number;
  rev: number;
  value: Json;
}

/** One line for each row, in a fixed order; equal states give equal lines. */
export interface State {
  point: string[];
  revision: string[];
  latest: string[];
}

const rank = (value: Json): number =>
  typeof value === 'number' ? 3 : typeof value === 'boolean' ? 2 : typeof value === 'string' ? 1 : 0;

/** The order of values that breaks ties of rev. */
function compareValues(a: Json, b: Json): number {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/**
 * What the three tables must hold, straight from the definition: for each identity the greatest rev of each distinct
 * value; the greatest of these is the point, the others are revisions.
 */
export function stateOf(facts: readonly Fact[]): State {
  const identities = Map.groupBy(facts, (f) => `${f.device}|${f.signal}|${f.tsMs}`);
  const state: State = { point: [], revision: [], latest: [] };
  const series = new Map<string, { last: string; lastTs: number; firstTs: number }>();
  for (const list of identities.values()) {
    const revOf = new Map<string, Fact>();
    for (const fact of list) {
      const known = revOf.get(JSON.stringify(fact.value));
      if (!known || fact.rev > known.rev) revOf.set(JSON.stringify(fact.value), fact);
    }
    const sorted = [...revOf.values()].toSorted((a, b) => b.rev - a.rev || compareValues(b.value, a.value));
    const [winner, ...losers] = sorted as [Fact, ...Fact[]];
    state.point.push(line(winner));
    state.revision.push(...losers.map(line));
    const key = `${winner.device}|${winner.signal}`;
    const known = series.get(key);
    series.set(key, {
      last: !known || winner.tsMs > known.lastTs ? line(winner) : known.last,
      lastTs: Math.max(winner.tsMs, known?.lastTs ?? winner.tsMs),
      firstTs: Math.min(winner.tsMs, known?.firstTs ?? winner.tsMs),
    });
  }
  state.latest = [...series.values()].map(({ last, firstTs }) => `${last} since ${firstTs}`);
  return { point: state.point.toSorted(), revision: state.revision.toSorted(), latest: state.latest.toSorted() };
}

export const line = (f: Fact): string => `${f.device}|${f.signal}|${f.tsMs} rev ${f.rev} ${JSON.stringify(f.value)}`;
