import {
  pageOf,
  parkedDiscardNote,
  parkedGroupResource,
  parkedMessageResource,
  parkedPreview,
  parkedSelection,
  parkVerdict,
} from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { listQuery } from '../http/query-types.ts';

const tag = 'Parked messages';
const parkedParams = z.strictObject({
  messageId: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected an id such as prk_…'),
});
const one = '/v1/parked-messages/{messageId}' as const;

export const listParked = defineEndpoint({
  method: 'GET',
  path: '/v1/parked-messages',
  scope: 'read',
  name: 'listParkedMessages',
  tag,
  summary: 'Messages that were set aside, newest first',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of messages.', schema: pageOf(parkedMessageResource) } },
});

export const listParkedGroups = defineEndpoint({
  method: 'GET',
  path: '/v1/parked-messages/groups',
  scope: 'read',
  // All that is parked is looked at.
  cost: 2,
  name: 'listParkedGroups',
  tag,
  summary: 'What is wrong with the messages that were set aside, the latest first',
  description:
    'A group is one fault: the same reason and the same problems at the same places, of one platform and sort of event, whatever ids and numbers it came with. `filter=fingerprint eq "…"` lists its messages.',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of groups.', schema: pageOf(parkedGroupResource) } },
});

export const previewParkedMessages = defineEndpoint({
  method: 'POST',
  path: '/v1/parked-messages:preview',
  scope: 'read',
  cost: 5,
  name: 'previewParkedMessages',
  tag,
  summary: 'What would become of messages if they were replayed now',
  description:
    'By the code that would replay them: the intake writes and takes back; an adapter reads an item as it reads such items today, without asking the platform. Looks at the fifty oldest of the selection.',
  body: parkedSelection,
  bodyExample: { fingerprint: `fpr_${'f'.repeat(26)}` },
  answers: { 200: { description: 'A verdict for each, and their sums.', schema: parkedPreview } },
});

export const previewParked = defineEndpoint({
  method: 'POST',
  path: `${one}:preview`,
  scope: 'read',
  name: 'previewParkedMessage',
  tag,
  summary: 'What would become of a message if it were replayed now',
  params: parkedParams,
  answers: { 200: { description: 'The verdict. Nothing has changed.', schema: parkVerdict } },
});

export const getParked = defineEndpoint({
  method: 'GET',
  path: one,
  scope: 'read',
  name: 'getParkedMessage',
  tag,
  summary: 'One message with its reason and its payload',
  params: parkedParams,
  conditional: true,
  answers: { 200: { description: 'The message.', schema: parkedMessageResource } },
});

export const replayParked = defineEndpoint({
  method: 'POST',
  path: `${one}:replay`,
  scope: 'admin',
  name: 'replayParkedMessage',
  tag,
  summary: 'Put a message through the intake again',
  description:
    'It keeps its identity, so that nothing is stored twice. Where it does not fit again it stays parked with the new reason.',
  params: parkedParams,
  idempotency: 'optional',
  answers: { 202: { description: 'The intake will take it up.', schema: parkedMessageResource } },
});

export const discardParked = defineEndpoint({
  method: 'POST',
  path: `${one}:discard`,
  scope: 'admin',
  name: 'discardParkedMessage',
  tag,
  summary: 'Give a message up for good',
  params: parkedParams,
  body: parkedDiscardNote,
  bodyOptional: true,
  bodyExample: { reason: 'a test of the gateway' },
  idempotency: 'optional',
  answers: { 200: { description: 'The message is discarded.', schema: parkedMessageResource } },
});
