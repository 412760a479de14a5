import type { AdapterPayload, AdapterRequestName } from '@tributary/contracts';

/** Whatever is known of a connection depends on this scope too. */
export const EVERYTHING = '*';

/** Records of any type: links lead from one type to another. */
const ENTITIES = 'entities';
const entitiesOf = (type: string) => `entities/${type}`;

interface QuestionRule<N extends AdapterRequestName> {
  /** Scopes that the answer depends on; absent where an earlier answer is never given again. */
  known?: (payload: AdapterPayload<N>) => readonly string[];
  /** Scopes of what it may change at the platform: what was known of them does not count afterwards. */
  touches?: (payload: AdapterPayload<N>) => readonly string[];
}

/** Its answer is given once, for the reason that stands beside it. */
const once = {};
const changesRecords = { touches: ({ type }: { type: string }) => [entitiesOf(type), ENTITIES] };

/**
 * Which answers are kept to be given again, marked stale, while the platform is away, and which questions make earlier
 * answers worthless. Every question stands here, so that a new one needs a decision.
 */
export const questionRules: { readonly [N in AdapterRequestName]: QuestionRule<N> } = {
  // A test asks how it is now, and a discovery that is not begun has not begun.
  'connection.test': once,
  'connection.discover': once,
  // What was last written down of it stands in the database.
  'connection.health': once,
  'connection.budget': { known: () => [] },
  // The store has what was last observed of attributes, points and files: these ask for what is so now.
  'attributes.read': once,
  'telemetry.history': once,
  // Computed anew each time, from what coverage says now.
  'telemetry.history-plan': once,
  'files.list': once,
  // Attributes of a device may stand in a record too, under whatever type.
  'attributes.write': { touches: () => [EVERYTHING] },
  'telemetry.write': once,
  'commands.describe': { known: () => [] },
  // Addresses that are good once.
  'files.open': once,
  'files.receive': once,
  'entities.types': { known: () => [] },
  'entities.query': { known: ({ type }) => [entitiesOf(type)] },
  'entities.get': { known: ({ type }) => [entitiesOf(type)] },
  'entities.related': { known: () => [ENTITIES] },
  'entities.create': changesRecords,
  'entities.update': changesRecords,
  'entities.remove': changesRecords,
  // The targets may be of any type.
  'entities.relate': { touches: () => [EVERYTHING] },
  // What is told of a person is kept nowhere; and whether a name is taken is asked by somebody who is about to take it.
  'users.list': once,
  'users.exists': once,
  'users.current': once,
  'users.register': once,
  'users.invite': once,
  'users.remove': once,
  // The platform's own language: its answers are passed through and understood by nobody here.
  'graphql.execute': { touches: ({ allowMutations }) => (allowMutations ? [EVERYTHING] : []) },
  // Of what was set aside; the intake asks it.
  'items.preview': once,
  // Secrets.
  'login.begin': once,
  'login.finish': once,
};
