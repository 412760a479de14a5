import type { GraphqlDocument } from '@tributary/adapter-kit';
import { type GraphqlAnswer, isPlatformError, type Json } from '@tributary/contracts';
import type { OctomeshClient } from '../client.ts';
import { GraphqlFailure } from '../errors.ts';

/**
 * The caller's own document, which the kit has looked at. What the vendor says is wrong with it comes back in the
 * vendor's own words and codes; a refused token, a limit or an outage is ours to deal with and is thrown.
 */
export async function executeGraphql(
  client: OctomeshClient,
  { query, operation, operationName, variables }: GraphqlDocument,
  signal: AbortSignal,
): Promise<GraphqlAnswer> {
  const body = {
    query,
    ...(variables === undefined ? {} : { variables }),
    ...(operationName === undefined ? {} : { operationName }),
  };
  try {
    const { data, errors, extensions } = await client.pass(body, operation, { lane: 'pass-through', signal });
    return {
      ...(data === undefined ? {} : { data: data as Json }),
      ...(errors ? { errors: errors as Json[] } : {}),
      ...(extensions === undefined ? {} : { extensions: extensions as Json }),
    };
  } catch (error) {
    const told = isPlatformError(error) && error.code !== 'authentication' ? error.cause : undefined;
    if (told instanceof GraphqlFailure) return { errors: [...told.errors] as Json[] };
    throw error;
  }
}
