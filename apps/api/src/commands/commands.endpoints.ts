import { commandDescription, commandDraft, commandResource, pageOf, staleMembers } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { commandParams, deviceParams } from '../http/path-params.ts';
import { listQuery } from '../http/query-types.ts';

const tag = 'Commands';

export const describeCommands = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/command-descriptions',
  scope: 'read',
  name: 'describeCommands',
  tag,
  summary: 'Orders that a device understands, with schemas of their parameters',
  params: deviceParams,
  stale: true,
  answers: {
    200: {
      description: 'All orders; none where the platform has no commands.',
      schema: z.object({ items: z.array(commandDescription), page: z.object({}), ...staleMembers }),
    },
  },
});

export const createCommand = defineEndpoint({
  method: 'POST',
  path: '/v1/devices/{deviceId}/commands',
  scope: 'command',
  name: 'createCommand',
  tag,
  summary: 'Order something of a device',
  description:
    'The order is accepted, not carried out: follow it at its Location, or by its events. It is never sent after `expiresAt`, and never twice.',
  params: deviceParams,
  body: commandDraft,
  bodyExample: { name: 'restart', params: {} },
  idempotency: 'required',
  answers: { 202: { description: 'The command is accepted.', schema: commandResource } },
});

export const listDeviceCommands = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/commands',
  scope: 'read',
  name: 'listDeviceCommands',
  tag,
  summary: 'Commands of one device, newest first',
  params: deviceParams,
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of commands.', schema: pageOf(commandResource) } },
});

export const listCommands = defineEndpoint({
  method: 'GET',
  path: '/v1/commands',
  scope: 'read',
  name: 'listCommands',
  tag,
  summary: 'Commands of all devices, newest first',
  query: z.strictObject(listQuery),
  answers: { 200: { description: 'A page of commands.', schema: pageOf(commandResource) } },
});

export const getCommand = defineEndpoint({
  method: 'GET',
  path: '/v1/commands/{commandId}',
  scope: 'read',
  name: 'getCommand',
  tag,
  summary: 'One command: its state, and the evidence for each step',
  params: commandParams,
  conditional: true,
  answers: { 200: { description: 'The command.', schema: commandResource } },
});

export const cancelCommand = defineEndpoint({
  method: 'POST',
  path: '/v1/commands/{commandId}:cancel',
  scope: 'command',
  name: 'cancelCommand',
  tag,
  summary: 'Take an order back before it has had an effect',
  description: 'Possible until it is sent, and while the platform only holds it for the device. 409 afterwards.',
  params: commandParams,
  idempotency: 'optional',
  answers: { 200: { description: 'The command is cancelled.', schema: commandResource } },
});
