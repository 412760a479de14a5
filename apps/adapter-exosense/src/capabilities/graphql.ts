import type { Adapter } from '@tributary/adapter-kit';
import type { ExosenseClient } from '../client.ts';

/** The platform's own GraphQL, in a lane of its own. */
export const graphqlCapability = (client: ExosenseClient): NonNullable<Adapter['graphql']> => ({
  execute: (document, signal) => client.pass(document, signal),
});
