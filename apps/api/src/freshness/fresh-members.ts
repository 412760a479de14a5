import type { FilterColumn } from '../lists/filter-sql.ts';

/** How old something is, as statements read it; all null where nothing has come yet, or nobody knows how often it does. */
export interface FreshRow {
  observed_at: Date | null;
  age_ms: number | null;
  stale_after_ms: number | null;
}

export interface FreshMembers {
  observedAt?: string;
  ageMs?: number;
  staleAfterMs?: number;
  stale?: boolean;
}

const ageSql = (observed: string): string => `(extract(epoch from now() - ${observed}) * 1000)::float8`;

/** Columns of `FreshRow`. Both are SQL. */
export const freshColumns = (observed: string, staleAfter: string): string =>
  `${observed} as observed_at, ${ageSql(observed)} as age_ms, ${staleAfter} as stale_after_ms`;

/** `stale eq true` and its like. What is not known is neither. */
export const freshFilter = (observed: string, staleAfter: string): Record<'stale' | 'observedAt', FilterColumn> => ({
  stale: { type: 'boolean', sql: `${ageSql(observed)} > ${staleAfter}` },
  observedAt: { type: 'instant', sql: observed },
});

export function freshMembersOf({ observed_at, age_ms, stale_after_ms }: FreshRow): FreshMembers {
  if (observed_at === null || age_ms === null) return {};
  const ageMs = Math.max(0, Math.round(age_ms));
  return { observedAt: observed_at.toISOString(), ageMs, ...staleMembersOf(ageMs, stale_after_ms) };
}

export const staleMembersOf = (
  ageMs: number,
  staleAfterMs: number | null,
): Pick<FreshMembers, 'staleAfterMs' | 'stale'> =>
  staleAfterMs === null ? {} : { staleAfterMs, stale: ageMs > staleAfterMs };

/** What an etag is made of: a record that has only grown older is the same. */
export function unaged<T extends { ageMs?: number | undefined }>(record: T): Omit<T, 'ageMs'> {
  const { ageMs: _, ...rest } = record;
  return rest;
}
