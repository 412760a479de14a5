import { z } from 'zod';
import { attributeScope, fileLocation, MAX_POINTS, point } from './events/data.ts';
import { historyGap, historyPlan } from './rest/backfills.ts';
import { parkVerdict } from './rest/parking.ts';
import {
  budgetReport,
  commandDescription,
  connectionCheck,
  connectionHealth,
  entityTypeResource,
} from './rest/resources.ts';
import { attemptReport } from './rest/subscriptions.ts';
import {
  connectionId,
  json,
  jsonObject,
  nativeId,
  type OperationClass,
  parkedId,
  signalName,
  subscriptionId,
  timestamp,
  workspaceId,
} from './words.ts';

const onConnection = z.object({ connectionId });
const onDevice = onConnection.extend({ nativeId });

const attributeValue = z.object({
  scope: attributeScope,
  name: z.string(),
  value: json,
  ts: timestamp.optional(),
});

const file = z.object({
  deviceNativeId: nativeId,
  name: z.string(),
  location: fileLocation,
  sizeBytes: z.number().int().nonnegative().optional(),
  from: timestamp.optional(),
  to: timestamp.optional(),
  tag: z.string().optional(),
});

/** A typed record as the platform has it. `etag` is whatever changes with the record; the platform's own where it has one. */
export const entityRecord = z.object({
  type: z.string(),
  nativeId,
  etag: z.string(),
  name: z.string().optional(),
  attributes: jsonObject,
});

/** Somebody who may use the platform, as the platform knows them. */
export const platformUser = z.object({
  nativeId,
  username: z.string().min(1),
  email: z.string().optional(),
  displayName: z.string().optional(),
  active: z.boolean().optional(),
  attributes: jsonObject.default({}),
});

/** What is told of somebody who is to be registered or invited; which members a platform needs, it says. */
export const platformUserDraft = z.strictObject({
  username: z.string().min(1).max(256).optional(),
  email: z.email().max(320).optional(),
  displayName: z.string().min(1).max(256).optional(),
  attributes: jsonObject.default({}),
});

/** A document in the platform's own GraphQL. */
export const graphqlRequest = z.strictObject({
  query: z.string().min(1).max(100_000),
  variables: jsonObject.optional(),
  operationName: z.string().min(1).max(200).optional(),
});

/** A GraphQL answer as the platform gave it. */
export const graphqlAnswer = z.object({
  data: json.optional(),
  errors: z.array(json).optional(),
  extensions: json.optional(),
});

/**
 * Every question that the api may put to an adapter: payload, answer, operation class. A question reaches any replica
 * of the adapter; failures come back as `WireError`.
 */
export const adapterRequests = {
  'connection.test': {
    class: 'auth',
    // A draft is tested before it is stored: then its settings and sealed credentials come along. They are sealed for
    // `workspace` and `connectionId`, which in that case is the id the connection would get.
    payload: z.object({
      connectionId: connectionId.optional(),
      draft: z.object({ workspace: workspaceId.optional(), settings: jsonObject, sealed: z.string() }).optional(),
    }),
    reply: connectionCheck,
  },
  'connection.discover': { class: 'read', payload: onConnection, reply: z.object({ started: z.boolean() }) },
  'connection.health': { class: 'read', payload: onConnection, reply: connectionHealth },
  'connection.budget': { class: 'read', payload: onConnection, reply: budgetReport },
  'attributes.read': { class: 'read', payload: onDevice, reply: z.object({ attributes: z.array(attributeValue) }) },
  'attributes.write': {
    class: 'command',
    payload: onDevice.extend({ scope: attributeScope, patch: z.record(z.string(), json) }),
    reply: z.object({ attributes: z.array(attributeValue) }),
  },
  'telemetry.write': {
    class: 'command',
    payload: onDevice.extend({
      points: z
        .array(z.object({ signal: signalName, ts: timestamp.optional(), value: json }))
        .min(1)
        .max(1000),
    }),
    reply: z.object({ written: z.number().int() }),
  },
  'telemetry.history': {
    class: 'bulk',
    payload: onDevice.extend({
      from: timestamp,
      to: timestamp,
      signals: z.array(signalName).optional(),
      limit: z.number().int().positive(),
    }),
    reply: z.object({ points: z.array(point), more: z.boolean() }),
  },
  // Cuts what shall be read again into parts, and says what reading them takes; the platform is not asked.
  'telemetry.history-plan': {
    class: 'read',
    payload: onConnection.extend({ gaps: z.array(historyGap).max(1000) }),
    reply: historyPlan,
  },
  'commands.describe': { class: 'read', payload: onDevice, reply: z.object({ commands: z.array(commandDescription) }) },
  'files.list': {
    class: 'read',
    payload: onDevice.extend({ from: timestamp, to: timestamp, limit: z.number().int().positive() }),
    reply: z.object({ files: z.array(file) }),
  },
  'files.open': {
    class: 'bulk',
    payload: onDevice.extend({ names: z.array(z.string().min(1)).min(1).max(100) }),
    // The bytes are fetched over HTTP from the replica that answered; the ticket in the URL is good once, for a minute.
    reply: z.object({ url: z.string() }),
  },
  'files.receive': {
    class: 'bulk',
    payload: onConnection.extend({
      name: z.string().min(1).max(255),
      mediaType: z.string().min(1).max(255),
      sizeBytes: z.number().int().nonnegative().optional(),
    }),
    // The bytes are sent there with PUT, which answers `uploadedFile`; good once, for a minute.
    reply: z.object({ url: z.string() }),
  },
  'entities.types': { class: 'read', payload: onConnection, reply: z.object({ types: z.array(entityTypeResource) }) },
  'entities.query': {
    class: 'read',
    payload: onConnection.extend({
      type: z.string(),
      filter: z.string().optional(),
      sort: z.array(z.object({ field: z.string(), descending: z.boolean() })).default([]),
      limit: z.number().int().min(1).max(1000),
      cursor: z.string().optional(),
    }),
    reply: z.object({
      items: z.array(entityRecord),
      nextCursor: z.string().optional(),
      residualFilter: z.string().optional(),
    }),
  },
  'entities.get': { class: 'read', payload: onConnection.extend({ type: z.string(), nativeId }), reply: entityRecord },
  'entities.create': {
    class: 'command',
    payload: onConnection.extend({ type: z.string(), attributes: jsonObject }),
    reply: entityRecord,
  },
  'entities.update': {
    class: 'command',
    payload: onConnection.extend({ type: z.string(), nativeId, patch: jsonObject, ifMatch: z.string() }),
    reply: entityRecord,
  },
  'entities.remove': {
    class: 'command',
    payload: onConnection.extend({ type: z.string(), nativeId, ifMatch: z.string() }),
    reply: z.object({}),
  },
  'entities.related': {
    class: 'read',
    payload: onConnection.extend({
      type: z.string(),
      nativeId,
      relation: z.string().min(1).max(200),
      limit: z.number().int().min(1).max(1000),
      cursor: z.string().optional(),
    }),
    reply: z.object({ items: z.array(entityRecord), nextCursor: z.string().optional() }),
  },
  'entities.relate': {
    class: 'command',
    payload: onConnection.extend({
      type: z.string(),
      nativeId,
      relation: z.string().min(1).max(200),
      targets: z.array(nativeId).min(1).max(100),
    }),
    reply: z.object({}),
  },
  'users.list': {
    class: 'read',
    payload: onConnection.extend({ limit: z.number().int().min(1).max(1000), cursor: z.string().optional() }),
    reply: z.object({ items: z.array(platformUser), nextCursor: z.string().optional() }),
  },
  'users.exists': {
    class: 'read',
    payload: onConnection.extend({ username: z.string().min(1).max(256) }),
    reply: z.object({ exists: z.boolean() }),
  },
  'users.current': { class: 'read', payload: onConnection, reply: platformUser },
  'users.register': {
    class: 'command',
    payload: onConnection.extend({ draft: platformUserDraft }),
    reply: platformUser,
  },
  'users.invite': { class: 'command', payload: onConnection.extend({ draft: platformUserDraft }), reply: platformUser },
  'users.remove': { class: 'command', payload: onConnection.extend({ nativeId }), reply: z.object({}) },
  'graphql.execute': {
    class: 'bulk',
    payload: onConnection.extend({
      ...graphqlRequest.shape,
      /** False: anything but a query is refused before it is sent. */
      allowMutations: z.boolean(),
    }),
    reply: graphqlAnswer,
  },
  // What was set aside, read again as the adapter reads it today; the platform is not asked.
  'items.preview': {
    class: 'read',
    payload: onConnection.extend({ what: z.string().min(1).max(100), sealed: z.string(), asideAt: timestamp }),
    reply: z.object({
      batches: z.array(z.object({ nativeId, points: z.array(point).min(1).max(MAX_POINTS) })),
      problems: z.array(z.object({ path: z.string(), problem: z.string() })),
    }),
  },
  // A user's own log-in in a browser: the adapter makes the address, and later turns the code into credentials. What is
  // secret travels sealed for (workspace, connectionId).
  'login.begin': {
    class: 'auth',
    payload: onConnection.extend({ redirectUri: z.url(), state: z.string().min(16), nonce: z.string().min(16) }),
    reply: z.object({ url: z.url(), sealed: z.string().describe('What `login.finish` needs again, sealed.') }),
  },
  'login.finish': {
    class: 'auth',
    payload: onConnection.extend({
      redirectUri: z.url(),
      nonce: z.string().min(16),
      sealed: z.string(),
      sealedCode: z.string(),
    }),
    reply: z.object({ sealedCredentials: z.string(), account: z.string().optional() }),
  },
} as const satisfies Record<string, { class: OperationClass; payload: z.ZodType; reply: z.ZodType }>;

/** Stands in the place of a platform where the service of webhooks is asked; no adapter may be called so. */
export const WEBHOOKS = 'webhooks';

/** Every question that the api may put to the service of webhooks; it goes the same way as those to adapters. */
export const webhooksRequests = {
  'subscription.test': { class: 'bulk', payload: z.object({ subscriptionId }), reply: attemptReport },
} as const satisfies Record<string, { class: OperationClass; payload: z.ZodType; reply: z.ZodType }>;

/** Stands in the place of a platform where the intake is asked. */
export const INGEST = 'telemetry-ingest';

/** Every question that the api may put to the intake. */
export const ingestRequests = {
  // What would become of parked messages if they were replayed now; those that are not parked are left out.
  'parked.preview': {
    class: 'read',
    payload: z.object({ ids: z.array(parkedId).min(1).max(100) }),
    reply: z.object({ verdicts: z.array(z.object({ id: parkedId, verdict: parkVerdict })) }),
  },
} as const satisfies Record<string, { class: OperationClass; payload: z.ZodType; reply: z.ZodType }>;

/** Every question that travels over the bus. */
export const requests = { ...adapterRequests, ...webhooksRequests, ...ingestRequests } as const;
export type RequestName = keyof typeof requests;
export type RequestPayload<N extends RequestName> = z.input<(typeof requests)[N]['payload']>;
export type RequestReply<N extends RequestName> = z.output<(typeof requests)[N]['reply']>;

export type AdapterRequestName = keyof typeof adapterRequests;
export type AdapterPayload<N extends AdapterRequestName> = z.input<(typeof adapterRequests)[N]['payload']>;
export type AdapterReply<N extends AdapterRequestName> = z.output<(typeof adapterRequests)[N]['reply']>;

export type AttributeValue = z.output<typeof attributeValue>;
export type FileInfo = z.output<typeof file>;
export type EntityRecord = z.output<typeof entityRecord>;
export type EntityType = z.output<typeof entityTypeResource>;
export type PlatformUser = z.output<typeof platformUser>;
export type PlatformUserDraft = z.output<typeof platformUserDraft>;
export type GraphqlAnswer = z.output<typeof graphqlAnswer>;

/** What the platform made of a file that was sent to it. */
export const uploadedFile = z.object({
  nativeId,
  name: z.string(),
  mediaType: z.string().optional(),
  sizeBytes: z.number().int().nonnegative().optional(),
});
export type UploadedFile = z.output<typeof uploadedFile>;

/** What goes into a platform's command queue: the whole order, so that the adapter needs no other look-up to refuse it. */
export const commandOrder = z.object({
  commandId: z.string(),
  workspace: z.string(),
  connectionId,
  deviceId: z.string(),
  nativeId,
  name: z.string(),
  params: jsonObject,
  expiresAt: timestamp,
  traceparent: z.string().optional(),
});
export type CommandOrder = z.output<typeof commandOrder>;
