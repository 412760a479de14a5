import { type GraphQLFieldResolver, type GraphQLResolveInfo, Kind } from 'graphql';
import type { Served } from '../kit/served.ts';
import type { SortKey } from './ordering.ts';
import type { Tenant } from './tenant.ts';
import { refusal } from './vendor-error.ts';

/** What every resolver is given besides its arguments. */
export interface GraphqlContext {
  tenant: Tenant;
  /** Whether the token has more than the read-only scope. */
  mayWrite: boolean;
  /** As they came, in their written order. */
  variables: Readonly<Record<string, unknown>>;
  served?: Served | undefined;
}

export type Resolver<A> = (source: never, args: A, context: GraphqlContext, info: GraphQLResolveInfo) => unknown;

/** A root field: a test may want it to fail. */
export function rootField<A>(name: string, resolve: Resolver<A>): GraphQLFieldResolver<unknown, GraphqlContext> {
  return (source, args, context, info) => {
    const failure = context.tenant.failures.take(name);
    if (failure) throw refusal(failure.code, failure.message, { field: name });
    return resolve(source as never, args as A, context, info);
  };
}

/** Keys in the order in which they were written; GraphQL hands them over in the order of the schema. */
export function writtenSortKeys(
  orderBy: Readonly<Record<string, unknown>> | null | undefined,
  { variables }: GraphqlContext,
  info: GraphQLResolveInfo,
): SortKey[] {
  const given = Object.entries(orderBy ?? {}).filter(([, direction]) => direction !== null);
  const written = namesAsWritten(variables, info);
  const place = (name: string) => (written.includes(name) ? written.indexOf(name) : written.length);
  return given
    .sort(([a], [b]) => place(a) - place(b))
    .map(([attribute, direction]) => ({ attribute, descending: direction === 'DESC' }));
}

function namesAsWritten(variables: Readonly<Record<string, unknown>>, info: GraphQLResolveInfo): string[] {
  const value = info.fieldNodes[0]?.arguments?.find(({ name }) => name.value === 'orderBy')?.value;
  if (value?.kind === Kind.OBJECT) return value.fields.map(({ name }) => name.value);
  if (value?.kind === Kind.VARIABLE) return Object.keys((variables[value.name.value] ?? {}) as object);
  return [];
}
