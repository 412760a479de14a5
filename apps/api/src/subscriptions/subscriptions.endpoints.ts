import {
  attemptReport,
  deliveryId,
  deliveryResource,
  pageOf,
  replayOrder,
  secretRotation,
  subscriptionDraft,
  subscriptionId,
  subscriptionPatch,
  subscriptionResource,
} from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { fields, listQuery } from '../http/query-types.ts';

const tag = 'Subscriptions';
const base = '/v1/subscriptions';
const one = `${base}/{subscriptionId}` as const;
const params = z.strictObject({ subscriptionId });
const deliveryParams = z.strictObject({ subscriptionId, deliveryId });
const withSecret = subscriptionResource.extend({
  signingSecret: z.string().optional().describe('What signatures are verified with; shown this once.'),
});
const GONE = { description: 'The log no longer holds the event of the cursor.' };

export const listSubscriptions = defineEndpoint({
  method: 'GET',
  path: base,
  scope: 'read',
  name: 'listSubscriptions',
  tag,
  summary: 'Who is sent which events',
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of subscriptions.', schema: pageOf(subscriptionResource) } },
});

export const createSubscription = defineEndpoint({
  method: 'POST',
  path: base,
  scope: 'admin',
  name: 'createSubscription',
  tag,
  summary: 'Have events sent to an address (webhook)',
  description:
    'Deliveries are signed as Standard Webhooks has it, in order, at least once; an event that comes twice has the same `id`. They begin with what is new, after `cursor` or at `since`.',
  body: subscriptionDraft,
  bodyExample: {
    url: 'https://receiver.example/tributary',
    description: 'Billing',
    events: { types: ['telemetry'], origins: ['live', 'poll'] },
    batch: { maxEvents: 100, maxWaitMs: 1_000 },
  },
  idempotency: 'optional',
  secretBody: true,
  answers: {
    201: {
      description: 'The subscription with its secret. An answer that is replayed does not show it again.',
      schema: withSecret,
    },
    410: GONE,
  },
});

export const getSubscription = defineEndpoint({
  method: 'GET',
  path: one,
  scope: 'read',
  name: 'getSubscription',
  tag,
  summary: 'One subscription, and how far it is',
  params,
  conditional: true,
  answers: { 200: { description: 'The subscription.', schema: subscriptionResource } },
});

export const updateSubscription = defineEndpoint({
  method: 'PATCH',
  path: one,
  scope: 'admin',
  name: 'updateSubscription',
  tag,
  summary: 'Change address, events, batches or headers',
  description: 'A merge patch (RFC 7396). Headers are replaced as a whole. Another address is tried at once.',
  params,
  body: subscriptionPatch,
  bodyExample: { description: 'Billing, Vienna' },
  bodyTypes: ['application/merge-patch+json'],
  secretBody: true,
  ifMatch: true,
  answers: { 200: { description: 'The subscription as it is now.', schema: subscriptionResource } },
});

export const deleteSubscription = defineEndpoint({
  method: 'DELETE',
  path: one,
  scope: 'admin',
  name: 'deleteSubscription',
  tag,
  summary: 'Send nothing more, and forget the deliveries',
  params,
  ifMatch: true,
  answers: { 204: { description: 'It is gone.' } },
});

export const pauseSubscription = defineEndpoint({
  method: 'POST',
  path: `${one}:pause`,
  scope: 'admin',
  name: 'pauseSubscription',
  tag,
  summary: 'Send nothing for now; what comes is kept as long as the event log keeps it',
  params,
  idempotency: 'optional',
  answers: { 200: { description: 'It is paused.', schema: subscriptionResource } },
});

export const resumeSubscription = defineEndpoint({
  method: 'POST',
  path: `${one}:resume`,
  scope: 'admin',
  name: 'resumeSubscription',
  tag,
  summary: 'Go on where it stopped, after a pause or a suspension',
  params,
  idempotency: 'optional',
  answers: { 200: { description: 'It goes on.', schema: subscriptionResource } },
});

export const testSubscription = defineEndpoint({
  method: 'POST',
  path: `${one}:test`,
  scope: 'admin',
  name: 'testSubscription',
  tag,
  summary: 'Send one signed test event now, and say what happened',
  description: 'In any state of the subscription. It is not in the list of deliveries, and counts for nothing.',
  params,
  idempotency: 'optional',
  answers: { 200: { description: 'What became of it.', schema: attemptReport } },
});

export const rotateSecret = defineEndpoint({
  method: 'POST',
  path: `${one}:rotate-secret`,
  scope: 'admin',
  name: 'rotateSubscriptionSecret',
  tag,
  summary: 'A new secret; the one before signs beside it for a while',
  params,
  body: secretRotation,
  bodyExample: { overlapMs: 86_400_000 },
  idempotency: 'optional',
  secretBody: true,
  answers: {
    200: { description: 'The subscription with its new secret, which is shown this once.', schema: withSecret },
  },
});

export const replaySubscription = defineEndpoint({
  method: 'POST',
  path: `${one}:replay`,
  scope: 'admin',
  name: 'replaySubscription',
  tag,
  summary: 'Begin anew after a cursor, or at a time',
  description:
    'Back, to be sent events again; forward, to pass by what is never taken. What is pending is given up: it comes again, or was passed by.',
  params,
  body: replayOrder,
  bodyExample: { since: '2026-03-29T01:00:00.000Z' },
  idempotency: 'optional',
  answers: { 200: { description: 'It begins there.', schema: subscriptionResource }, 410: GONE },
});

export const listDeliveries = defineEndpoint({
  method: 'GET',
  path: `${one}/deliveries`,
  scope: 'read',
  name: 'listDeliveries',
  tag,
  summary: 'What was sent and what waits, newest first, with every attempt',
  params,
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of deliveries.', schema: pageOf(deliveryResource) } },
});

export const getDelivery = defineEndpoint({
  method: 'GET',
  path: `${one}/deliveries/{deliveryId}`,
  scope: 'read',
  name: 'getDelivery',
  tag,
  summary: 'One delivery with its attempts',
  params: deliveryParams,
  conditional: true,
  answers: { 200: { description: 'The delivery.', schema: deliveryResource } },
});

export const retryDelivery = defineEndpoint({
  method: 'POST',
  path: `${one}/deliveries/{deliveryId}:retry`,
  scope: 'admin',
  name: 'retryDelivery',
  tag,
  summary: 'Try a pending delivery now, not when its pause is over',
  description: 'With all that wait before it: deliveries keep their order. Failures are counted anew.',
  params: deliveryParams,
  idempotency: 'optional',
  answers: { 200: { description: 'It is tried within a second.', schema: deliveryResource } },
});
