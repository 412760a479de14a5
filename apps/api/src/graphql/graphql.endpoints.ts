import { graphqlAnswer, graphqlRequest } from '@tributary/contracts';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams } from '../http/path-params.ts';

export const executeGraphql = defineEndpoint({
  method: 'POST',
  path: '/v1/connections/{connectionId}/graphql',
  scope: 'read',
  name: 'executeGraphql',
  cost: 5,
  tag: 'Pass-through',
  summary: 'Ask the platform in its own GraphQL',
  description:
    "Runs within the connection's budget and with its credentials. A mutation needs the scope `write` besides, and stands in the audit log; changes that are made so are not told on the bus. The platform's answer is passed on as it is, its `errors` included, with the status 200. Idempotency-Key keeps a mutation from running twice.",
  params: connectionParams,
  body: graphqlRequest,
  bodyExample: { query: 'query Rooms($first: Int) { rooms(first: $first) { id name } }', variables: { first: 10 } },
  secretBody: true,
  idempotency: 'optional',
  answers: { 200: { description: 'What the platform answered.', schema: graphqlAnswer } },
});
