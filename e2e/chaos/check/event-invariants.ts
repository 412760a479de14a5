import type { EventFacts, Facts } from './facts.ts';
import type { Invariant } from './invariant.ts';

const eachWorkspace = (events: readonly EventFacts[], find: (facts: EventFacts) => string[]): string[] =>
  events.flatMap((facts) => find(facts).map((text) => `${facts.workspace}: ${text}`));

/** They ask for little, so that it can be asked again and again while events are on their way. */
interface EventInvariant extends Invariant {
  broken(facts: Pick<Facts, 'events' | 'outboxLeft' | 'mixed'>): string[];
}

export const eventInvariants: readonly EventInvariant[] = [
  {
    id: 'I23',
    promise: 'events of commands are exactly the steps that were committed, in their order',
    broken: ({ events, outboxLeft }) => [
      ...(outboxLeft === 0 ? [] : [`${outboxLeft} messages were committed and never published`]),
      ...eachWorkspace(events, brokenOrder),
    ],
  },
  {
    id: 'I23-stream',
    promise: 'who listens to the stream hears every event of the log',
    broken: ({ events }) =>
      eachWorkspace(events, ({ log, heard }) =>
        heard ? log.filter(({ id }) => !heard.has(id)).map(({ id, name }) => `${name} ${id} was never heard`) : [],
      ),
  },
  {
    id: 'I23-webhook',
    promise: 'every event that was subscribed to is delivered',
    broken: ({ events }) =>
      eachWorkspace(events, ({ log, delivered }) =>
        log
          .filter(({ id, name }) => delivered?.areas.includes(areaOf(name)) && !delivered.ids.has(id))
          .map(({ id, name }) => `${name} ${id} was never delivered`),
      ),
  },
  {
    id: 'I25',
    promise: 'no workspace has, hears or reads what is another’s',
    broken: ({ events, mixed }) => [
      ...mixed,
      ...eachWorkspace(events, ({ workspace, connections, log }) =>
        log
          .filter(({ source }) => {
            const [, owner, connection] = /^\/workspaces\/([^/]+)(?:\/connections\/([^/]+))?/.exec(source) ?? [];
            return owner !== workspace || (connection !== undefined && !connections.has(connection));
          })
          .map(({ id, source }) => `event ${id} is of ${source}`),
      ),
    ],
  },
];

const areaOf = (name: string): string => name.split('.')[0] ?? '';

function brokenOrder({ log, transitions }: EventFacts): string[] {
  const told = new Map<string, string[]>();
  for (const { name, commandId } of log) {
    if (commandId === undefined || areaOf(name) !== 'command') continue;
    told.set(commandId, [...(told.get(commandId) ?? []), name.slice('command.'.length)]);
  }
  const wrong = [...transitions].flatMap(([id, states]) => {
    const events = told.get(id) ?? [];
    return events.join() === states.join()
      ? []
      : [`${id}: committed ${states.join()}, told ${events.join() || 'nothing'}`];
  });
  const phantom = [...told.keys()]
    .filter((id) => !transitions.has(id))
    .map((id) => `${id} was told and never committed`);
  return [...wrong, ...phantom];
}
