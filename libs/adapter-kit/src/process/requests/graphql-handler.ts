import { MalformedResponseError } from '@tributary/contracts';
import { guardGraphql } from '../../graphql/guard-graphql.ts';
import { given, type On } from './capability.ts';

/** The platform's own GraphQL, for documents that the guard lets through; what it refuses never reaches the adapter. */
export function graphqlHandlers(on: On) {
  return {
    'graphql.execute': on(
      'graphql.execute',
      (adapter) => adapter.graphql,
      async (graphql, { payload: { query, variables, operationName, allowMutations }, signal }) => {
        const document = guardGraphql({ query, allowMutations, ...given({ variables, operationName }) });
        const { data, errors, extensions } = await graphql.execute(document, signal);
        if (data === undefined && errors === undefined) {
          throw new MalformedResponseError('the GraphQL answer has neither data nor errors');
        }
        return given({ data, errors, extensions });
      },
    ),
  };
}
