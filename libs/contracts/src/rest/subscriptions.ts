import { z } from 'zod';
import { areas, eventNames } from '../events/names.ts';
import { connectionId, deliveryId, origin, origins, platformId, subscriptionId } from '../words.ts';

const instant = z.iso.datetime();
const count = z.number().int().nonnegative();

const MAX_URL = 2_048;
const MAX_HEADERS = 20;
const MAX_HEADER_VALUE = 2_048;
/** Bytes that Standard Webhooks allows a secret. */
const SECRET_BYTES = { least: 24, most: 64 };
/** For so long both secrets sign after a rotation, unless asked otherwise. */
const OVERLAP_MS = { usual: 86_400_000, most: 7 * 86_400_000 };

const selectionMembers = {
  types: z
    .array(z.enum([...areas, ...eventNames] as [string, ...string[]]))
    .min(1)
    .max(50)
    .describe('Event names such as `telemetry.observed`, or areas such as `telemetry`.'),
  subject: z
    .array(z.string().regex(/^[a-z0-9_-]{1,100}$/, 'expected the id of a device, command, file or connection'))
    .min(1)
    .max(100)
    .describe('Ids of devices, commands, files or connections.'),
  connection: connectionId,
  platform: platformId,
  origins: z.array(origin).min(1).max(origins.length).describe('Where the data came from: leave out `backfill` …'),
};

/** Which events; what is absent does not restrict. The same words as the parameters of `/v1/events`. */
export const subscribedEvents = z.strictObject(selectionMembers).partial();
export type SubscribedEvents = z.output<typeof subscribedEvents>;

export const subscriptionBatch = z.strictObject({
  maxEvents: z.number().int().min(1).max(500).default(100),
  maxWaitMs: z.number().int().min(0).max(60_000).default(1_000).describe('How long an event may wait for more.'),
});
export type SubscriptionBatch = z.output<typeof subscriptionBatch>;

/** `whsec_` and base64 of 24 to 64 bytes. */
export const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, 'expected whsec_ and base64')
  .refine((secret) => {
    const bytes = decodedLength(secret.slice('whsec_'.length));
    return bytes >= SECRET_BYTES.least && bytes <= SECRET_BYTES.most;
  }, `expected ${SECRET_BYTES.least} to ${SECRET_BYTES.most} bytes in base64`);

/** Zero for what is no whole base64. */
function decodedLength(base64: string): number {
  if (base64.length % 4 !== 0) return 0;
  return (base64.length / 4) * 3 - (base64.match(/=+$/)?.[0].length ?? 0);
}

/** They say how a message is framed or signed, which is not the caller's to say. */
const RESERVED = new Set([
  ...[
    'host',
    'connection',
    'keep-alive',
    'proxy-connection',
    'transfer-encoding',
    'te',
    'trailer',
    'upgrade',
    'expect',
  ],
  ...['content-length', 'content-type', 'content-encoding', 'user-agent'],
]);
const isOurs = (name: string): boolean => RESERVED.has(name) || name.startsWith('webhook-');

const headers = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, 'expected the name of a header')
      .refine((name) => !isOurs(name.toLowerCase()), 'this header is not for you to set'),
    z
      .string()
      .regex(/^[\x20-\x7e]*$/, 'expected printable ASCII')
      .max(MAX_HEADER_VALUE),
  )
  .refine((all) => Object.keys(all).length <= MAX_HEADERS, `at most ${MAX_HEADERS} headers`)
  .refine(
    (all) => new Set(Object.keys(all).map((name) => name.toLowerCase())).size === Object.keys(all).length,
    'a header stands twice',
  )
  .describe('Sent with every delivery. Their values are kept sealed and are never readable again.');

const cursor = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'expected a cursor that an event or a page gave');
const url = z.string().min(1).max(MAX_URL).describe('Where to POST: `https`, at a public address.');
const description = z.string().min(1).max(200);

const place = {
  cursor: cursor.optional().describe('Begin after this event: a cursor of `/v1/events`, a stream or a delivery.'),
  since: instant.optional().describe('Begin at this time, exact to the second.'),
};

export const subscriptionDraft = z
  .strictObject({
    url,
    description: description.optional(),
    events: subscribedEvents.prefault({}),
    batch: subscriptionBatch.optional().describe('Several events in one delivery; without it each event has its own.'),
    headers: headers.optional(),
    secret: webhookSecret.optional().describe('One is made where there is none.'),
    ...place,
  })
  .refine((draft) => draft.cursor === undefined || draft.since === undefined, {
    path: ['since'],
    message: 'cannot be used with cursor',
  });
export type SubscriptionDraft = z.output<typeof subscriptionDraft>;

/** Merge patch. Headers are replaced as a whole; `null` takes a member away. */
export const subscriptionPatch = z.strictObject({
  url: url.optional(),
  description: description.nullable().optional(),
  events: z
    .strictObject({
      types: selectionMembers.types.nullable(),
      subject: selectionMembers.subject.nullable(),
      connection: connectionId.nullable(),
      platform: platformId.nullable(),
      origins: selectionMembers.origins.nullable(),
    })
    .partial()
    .optional(),
  batch: subscriptionBatch.nullable().optional(),
  headers: headers.nullable().optional(),
});
export type SubscriptionPatch = z.output<typeof subscriptionPatch>;

export const replayOrder = z
  .strictObject(place)
  .refine((order) => (order.cursor === undefined) !== (order.since === undefined), 'expected either cursor or since');

export const secretRotation = z.strictObject({
  secret: webhookSecret.optional().describe('One is made where there is none.'),
  overlapMs: z
    .number()
    .int()
    .min(0)
    .max(OVERLAP_MS.most)
    .default(OVERLAP_MS.usual)
    .describe('For so long the secret before signs too.'),
});

/** How one attempt to deliver ended. */
export const attemptOutcomes = [
  'delivered',
  'refused',
  'busy',
  'gone',
  'redirect',
  'timeout',
  'unreachable',
  'untrusted',
  'address-refused',
] as const;
export const attemptOutcome = z
  .enum(attemptOutcomes)
  .describe(
    '`refused`: another status than 2xx. `busy`: 429 or 503. `gone`: 410. `redirect`: 3xx, which is not followed. `untrusted`: TLS could not be verified. `address-refused`: the host has an address that is not public.',
  );
export type AttemptOutcome = z.output<typeof attemptOutcome>;

/** What came of one POST. */
export const attemptReport = z.object({
  outcome: attemptOutcome,
  status: z.number().int().optional().describe('HTTP status, where there was an answer.'),
  latencyMs: count,
  excerpt: z.string().optional().describe('Beginning of the answer. Secrets in it are blotted out.'),
});
export type AttemptReport = z.output<typeof attemptReport>;

export const subscriptionState = z.enum(['active', 'paused', 'suspended']);
export const suspensionReason = z.enum(['gone', 'failing']);
export type SuspensionReason = z.output<typeof suspensionReason>;

export const subscriptionResource = z.object({
  id: subscriptionId,
  url: z.string(),
  description: z.string().optional(),
  events: z.object(selectionMembers).partial(),
  batch: z.object({ maxEvents: count, maxWaitMs: count }).optional(),
  headers: z.array(z.string()).describe('Names of the headers that are sent; never their values.'),
  secret: z
    .object({
      updatedAt: instant,
      previousUntil: instant.optional().describe('Until then the secret before signs too.'),
    })
    .describe('Never the secret itself.'),
  state: subscriptionState,
  suspension: z.object({ at: instant, reason: suspensionReason, detail: z.string().optional() }).optional(),
  progress: z.object({
    cursor: z
      .string()
      .optional()
      .describe('Everything up to here was looked at; what was wanted of it is delivered or pending.'),
    deliveredCursor: z.string().optional().describe('Everything up to here that was wanted is delivered.'),
    pending: count.describe('Deliveries that wait. There are never many: the rest waits in the log.'),
    oldestPendingAt: instant.optional(),
    failures: count.describe('Attempts that failed since the last that did not.'),
    nextAttemptAt: instant.optional(),
    lastDeliveredAt: instant.optional(),
    lastFailure: z.object({ at: instant, outcome: attemptOutcome, status: z.number().int().optional() }).optional(),
  }),
  createdAt: instant,
  updatedAt: instant,
});
export type SubscriptionResource = z.output<typeof subscriptionResource>;

export const deliveryState = z.enum(['pending', 'delivered', 'abandoned']);
export const deliveryKind = z.enum(['events', 'resync']);

export const deliveryResource = z.object({
  id: deliveryId.describe('The `webhook-id` of every attempt.'),
  subscriptionId,
  kind: deliveryKind.describe('`resync`: tells of a gap; the one event is `subscription.resynced`.'),
  state: deliveryState.describe(
    '`abandoned`: given up for a replay, which comes to its events again or has left them out.',
  ),
  eventIds: z.array(z.string()),
  after: z.string().optional().describe('Cursor before its first event: a replay from here begins with it.'),
  cursor: z.string().optional().describe('Cursor of its last event: a replay from here leaves it out.'),
  bytes: count,
  createdAt: instant,
  finishedAt: instant.optional(),
  attempts: z
    .array(attemptReport.extend({ number: z.number().int().positive(), at: instant }))
    .describe('The newest twenty, oldest first.'),
});
export type DeliveryResource = z.output<typeof deliveryResource>;
