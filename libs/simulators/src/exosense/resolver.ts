import type { Served } from '../kit/served.ts';
import { may, type Right, type User } from './accounts.ts';
import type { ExecutionMeter } from './execution-meter.ts';
import type { Resolver } from './schema-dialect.ts';
import type { ExosenseState } from './state.ts';
import { Forbidden, InputRefused } from './vendor-error.ts';

/** What a resolver knows beside its arguments. */
export interface Execution {
  state: ExosenseState;
  caller: User;
  meter: ExecutionMeter;
  served?: Served | undefined;
}

/** Gives a resolver the types that the schema has made sure of. */
export const resolver =
  <S, A = unknown>(work: (source: S, args: A, execution: Execution) => unknown): Resolver =>
  (source, args, context) =>
    work(source as S, args as A, context as Execution);

/** The same, for a field that asks for a right first. */
export const guarded =
  (right: Right, work: Resolver): Resolver =>
  (source, args, context, info) => {
    if (!may((context as Execution).caller, right)) throw new Forbidden();
    return work(source, args, context, info);
  };

/** A field of the root: it has no source. */
export const rootField = <A = unknown>(work: (args: A, execution: Execution) => unknown): Resolver =>
  resolver<unknown, A>((_source, args, execution) => work(args, execution));

export const constant =
  (value: unknown): Resolver =>
  () =>
    value;

export interface Pagination {
  limit?: number | null;
  offset?: number | null;
}

export interface Paged {
  pagination?: Pagination | null;
}

const DEFAULT_LIMIT = 100;
const GREATEST_LIMIT = 1_000;

/** Throws `InputRefused` for numbers that are out of range. An offset behind the end gives nothing. */
export function pageOf<T>(items: readonly T[], pagination: Pagination | null | undefined): T[] {
  const limit = limitOf(pagination?.limit);
  const offset = pagination?.offset ?? 0;
  if (offset < 0) throw new InputRefused(`Pagination offset must not be negative: ${offset}`);
  return items.slice(offset, offset + limit);
}

export function limitOf(given: number | null | undefined): number {
  const limit = given ?? DEFAULT_LIMIT;
  if (limit < 0 || limit > GREATEST_LIMIT)
    throw new InputRefused(`limit must be between 0 and ${GREATEST_LIMIT}: ${limit}`);
  return limit;
}

/** Whether one of the texts contains what is looked for, upper and lower case alike. */
export const contains = (wanted: string | null | undefined, ...texts: string[]): boolean =>
  !wanted || texts.some((text) => text.toLowerCase().includes(wanted.toLowerCase()));

/** A filter by a list; an absent one lets everything pass. */
export const isAmong = (list: ReadonlyArray<string | null> | null | undefined, value: string): boolean =>
  !list || list.includes(value);
