import { answerChanges } from './schema-changes.ts';
import type { Finding, Schema, Schemas } from './schema-fits.ts';

/** As much of AsyncAPI 3 as is compared. */
export interface EventDocument {
  channels: Record<string, { address: string; messages: Record<string, unknown>; bindings?: unknown }>;
  components: { messages: Record<string, { contentType: string; payload: { schema: Schema } }>; schemas: Schemas };
}

/** Everything about new events that breaks a consumer of the old ones: contracts only grow. */
export function eventChanges(before: EventDocument, after: EventDocument): Finding[] {
  const versions = { before: before.components.schemas, after: after.components.schemas };
  return [
    ...Object.entries(before.channels).flatMap(([name, channel]) =>
      channelChanges(name, channel, after.channels[name]),
    ),
    ...Object.entries(before.components.messages).flatMap(([type, message]): Finding[] => {
      const now = after.components.messages[type];
      if (!now) return [{ at: type, what: 'the event was removed' }];
      const other = now.contentType === message.contentType ? [] : [{ at: type, what: 'it has another content type' }];
      return [...other, ...answerChanges(message.payload.schema, now.payload.schema, versions, type)];
    }),
  ];
}

type Channel = EventDocument['channels'][string];

function channelChanges(name: string, old: Channel, now: Channel | undefined): Finding[] {
  const at = `events of ${name}`;
  if (!now) return [{ at, what: 'the area was removed' }];
  const moved = now.address !== old.address || JSON.stringify(now.bindings) !== JSON.stringify(old.bindings);
  const gone = Object.keys(old.messages).filter((message) => !(message in now.messages));
  return [
    ...(moved ? [{ at, what: 'they have another routing key or exchange' }] : []),
    ...gone.map((message) => ({ at, what: `${message} does not come here any more` })),
  ];
}
