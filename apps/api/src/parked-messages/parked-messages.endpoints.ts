import { pageOf, parkedMessageResource } from '@tributary/contracts';
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
  idempotency: 'optional',
  answers: { 200: { description: 'The message is discarded.', schema: parkedMessageResource } },
});
