import { z } from 'zod';
import { silenceData } from '../freshness.ts';
import { connectionId, origin, platformId, timestamp, WORD } from '../words.ts';
import {
  attributeData,
  backfillData,
  commandData,
  connectionData,
  deviceData,
  entityData,
  fileData,
  parkedMessageData,
  platformEventData,
  subscriptionData,
  telemetryData,
} from './data.ts';
import {
  type Area,
  areas,
  type EventName,
  eventNameOf,
  eventType,
  type HouseEventName,
  isHouseEvent,
} from './names.ts';

export const CONTENT_TYPE = 'application/cloudevents+json';

/** The schema of `data`, the same for all actions of an area, but for those that have one of their own. */
export const dataSchemas = {
  telemetry: telemetryData,
  device: deviceData,
  attribute: attributeData,
  command: commandData,
  entity: entityData,
  file: fileData,
  'platform-event': platformEventData,
  connection: connectionData,
  backfill: backfillData,
  subscription: subscriptionData,
  'parked-message': parkedMessageData,
} satisfies Record<Area, z.ZodType>;

const ownDataSchemas = {
  'device.stale': silenceData,
  'device.recovered': silenceData,
} satisfies Partial<Record<EventName, z.ZodType>>;

export type DataOf<N extends EventName> = N extends keyof typeof ownDataSchemas
  ? z.output<(typeof ownDataSchemas)[N]>
  : N extends `${infer A extends Area}.${string}`
    ? z.output<(typeof dataSchemas)[A]>
    : never;

/** The schema of `data` of an event. */
export function dataSchemaOf(name: EventName): z.ZodType {
  if (Object.hasOwn(ownDataSchemas, name)) return ownDataSchemas[name as keyof typeof ownDataSchemas];
  return dataSchemas[areas.find((area) => name.startsWith(`${area}.`)) as Area];
}

/** Stands where a platform's id would, in events of the house itself; no adapter may be called so. */
export const HOUSE_PLATFORM = 'tributary';

const SOURCE = /^\/workspaces\/([a-z0-9_-]+)\/connections\/(con_[a-z2-7]{26})$/;
const SUBSCRIPTION_SOURCE = /^\/workspaces\/([a-z0-9_-]+)\/subscriptions\/(sub_[a-z2-7]{26})$/;
const PARKED_SOURCE = /^\/workspaces\/([a-z0-9_-]+)\/parked-messages\/(prk_[a-z2-7]{26})$/;

/** CloudEvents 1.0 in structured mode, with our extensions. Unknown members are kept out of our code, not refused. */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid().describe('UUIDv7, given once at the source and kept through every re-publish.'),
  source: z.string().regex(SOURCE, 'expected /workspaces/{workspace}/connections/{connection}'),
  type: z.string().refine((type) => eventNameOf(type) !== undefined, 'no such event type'),
  subject: z.string().min(1),
  time: timestamp,
  datacontenttype: z.literal('application/json'),
  dataschema: z.string(),
  platform: platformId,
  connectionid: connectionId,
  origin,
  traceparent: z.string().optional(),
  data: z.unknown(),
});

/** The same of the house itself: of subscriptions, and of what could not be stored. */
const houseEnvelope = envelope.omit({ connectionid: true }).extend({
  source: z.string().regex(SUBSCRIPTION_SOURCE, 'expected /workspaces/{workspace}/subscriptions/{subscription}'),
  platform: z.literal(HOUSE_PLATFORM),
});
const parkedEnvelope = houseEnvelope.extend({
  source: z.string().regex(PARKED_SOURCE, 'expected /workspaces/{workspace}/parked-messages/{message}'),
});

export function envelopeOf(name: EventName): typeof envelope | typeof houseEnvelope {
  if (!isHouseEvent(name)) return envelope;
  return name === 'parked-message.parked' ? parkedEnvelope : houseEnvelope;
}

export interface TributaryEvent<N extends EventName = EventName> extends Omit<z.output<typeof envelope>, 'data'> {
  data: DataOf<N>;
}

/** An event of the house itself: there is no connection. */
export type HouseEvent = { [N in HouseEventName]: Omit<TributaryEvent<N>, 'connectionid'> }[HouseEventName];
/** Whatever travels on the bus. */
export type AnyEvent = TributaryEvent | HouseEvent;

export interface EventDraft<N extends EventName> {
  id: string;
  name: N;
  workspace: string;
  platform: string;
  connectionId: string;
  /** Device, command, file or entity id; the connection id where there is no narrower one. */
  subject: string;
  time: string;
  origin: z.output<typeof origin>;
  data: DataOf<N>;
  traceparent?: string | undefined;
}

/** Path under which the API serves the JSON Schema of an event type. */
export const schemaPath = (name: EventName): string => `/v1/schemas/${eventType(name)}`;

/** Builds the envelope; nothing is validated here, producers are typed. */
export function makeEvent<N extends EventName>(draft: EventDraft<N>): TributaryEvent<N> {
  return {
    specversion: '1.0',
    id: draft.id,
    source: `/workspaces/${draft.workspace}/connections/${draft.connectionId}`,
    type: eventType(draft.name),
    subject: draft.subject,
    time: draft.time,
    datacontenttype: 'application/json',
    dataschema: schemaPath(draft.name),
    platform: draft.platform,
    connectionid: draft.connectionId,
    origin: draft.origin,
    ...(draft.traceparent ? { traceparent: draft.traceparent } : {}),
    data: draft.data,
  };
}

export interface HouseEventDraft<N extends HouseEventName> {
  id: string;
  name: N;
  workspace: string;
  time: string;
  data: DataOf<N>;
}

/** What an event of the house is about: its collection in the API, and its id there. */
const aboutOf = (data: DataOf<HouseEventName>): [collection: string, id: string] =>
  'subscriptionId' in data ? ['subscriptions', data.subscriptionId] : ['parked-messages', data.parkedMessageId];

/** An event about a subscription, or about what could not be stored. */
export const makeHouseEvent = <N extends HouseEventName>(draft: HouseEventDraft<N>) => {
  const { id, name, workspace, time, data } = draft;
  const [collection, subject] = aboutOf(data);
  return {
    specversion: '1.0',
    id,
    source: `/workspaces/${workspace}/${collection}/${subject}`,
    type: eventType(name),
    subject,
    time,
    datacontenttype: 'application/json',
    dataschema: schemaPath(name),
    platform: HOUSE_PLATFORM,
    origin: 'live',
    data,
  } as const;
};

export const workspaceOf = ({ source }: { source: string }): string =>
  [SOURCE, SUBSCRIPTION_SOURCE, PARKED_SOURCE].map((form) => form.exec(source)?.[1]).find(Boolean) ?? '';

/** The same attributes as flat string headers, so that headers can route. */
export function eventHeaders(event: AnyEvent): Record<string, string> {
  const { data: _data, ...attributes } = event;
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`cloudEvents_${key}`, String(value)]));
}

export type ParsedEvent =
  | { ok: true; name: Exclude<EventName, HouseEventName>; workspace: string; event: TributaryEvent }
  | { ok: true; name: HouseEventName; workspace: string; event: HouseEvent }
  | { ok: false; problems: { path: string; problem: string }[] };

/** Validates an event as it came off the wire: envelope first, then `data` by its type. Names every problem. */
export function parseEvent(body: unknown): ParsedEvent {
  const said = nameIn(body);
  const outer = (said ? envelopeOf(said) : envelope).safeParse(body);
  if (!outer.success) return { ok: false, problems: problemsOf(outer.error) };
  const name = eventNameOf(outer.data.type) as EventName;
  const inner = dataSchemaOf(name).safeParse(outer.data.data);
  if (!inner.success) return { ok: false, problems: problemsOf(inner.error, 'data') };
  const event = { ...outer.data, data: inner.data };
  return { ok: true, name, workspace: workspaceOf(event), event } as ParsedEvent;
}

function nameIn(body: unknown): EventName | undefined {
  const type = typeof body === 'object' && body !== null && 'type' in body ? body.type : undefined;
  return typeof type === 'string' ? eventNameOf(type) : undefined;
}

/** JSON Pointers and messages; values never appear. */
export function problemsOf(error: z.ZodError, under?: string): { path: string; problem: string }[] {
  return error.issues.flatMap(nearest).map((issue) => ({
    path: ['', ...(under ? [under] : []), ...issue.path.map(String)]
      .map((p) => p.replaceAll('~', '~0').replaceAll('/', '~1'))
      .join('/'),
    problem: issue.message,
  }));
}

type Issue = z.ZodError['issues'][number];

/** Of a choice of forms the problems of the one that lacks least: that is the one that was meant. */
function nearest(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const [closest = []] = issue.errors.toSorted((a, b) => a.length - b.length);
  return closest.flatMap((inner) => nearest({ ...inner, path: [...issue.path, ...inner.path] } as Issue));
}

/** A word that every workspace, platform and connection id satisfies. */
export const isWord = (text: string): boolean => WORD.test(text);
