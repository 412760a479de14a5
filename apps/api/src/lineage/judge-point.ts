import { isDeepStrictEqual } from 'node:util';
import type { Json, LineagePoint } from '@tributary/contracts';

/** A value as the store has it. */
export interface KeptValue {
  rev: string;
  value: Json;
  committedAt?: Date | undefined;
}

/** All that the store has of one identity. */
export interface KeptPoint {
  seriesId: string | undefined;
  current: KeptValue | undefined;
  revisions: readonly KeptValue[];
}

/** A point as an event gave it. */
export interface GivenPoint {
  signal: string;
  ts: string;
  value: Json;
  unit?: string | undefined;
  rev: string;
}

/**
 * What became of a point, as far as the rows prove it. A row says by its rev which event it stands by; the same value
 * said again later raises the rev, and a value that gave way is a revision.
 */
export function judgePoint(given: GivenPoint, kept: KeptPoint): LineagePoint {
  const { current, revisions, seriesId } = kept;
  const point = { ...(seriesId === undefined ? {} : { seriesId }), ...given };
  if (!current || BigInt(current.rev) < BigInt(given.rev)) return { ...point, state: 'absent', replaced: [] };
  const replaced = revisions
    .filter(({ rev }) => BigInt(rev) < BigInt(given.rev))
    .toSorted((a, b) => (BigInt(a.rev) < BigInt(b.rev) ? 1 : -1))
    .map(told);
  if (current.rev === given.rev) {
    const state = replaced.length > 0 ? 'corrected' : 'stored';
    return { ...point, state, replaced, ...committed(current) };
  }
  if (same(current.value, given.value)) return { ...point, state: 'duplicate', replaced, standsBy: current.rev };
  const own = revisions.find(({ rev }) => rev === given.rev);
  return { ...point, state: 'superseded', replaced, supersededBy: told(current), ...committed(own) };
}

const told = ({ rev, value }: KeptValue) => ({ rev, value });
const committed = (kept: KeptValue | undefined) =>
  kept?.committedAt ? { committedAt: kept.committedAt.toISOString() } : {};

/** Postgres keeps no order of members, and no sign of zero. */
const same = (a: Json, b: Json): boolean => isDeepStrictEqual(plain(a), plain(b));
const plain = (value: Json): unknown => JSON.parse(JSON.stringify(value));
