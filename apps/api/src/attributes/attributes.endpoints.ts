import { attributeResource, attributeScope, json } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { deviceParams } from '../http/path-params.ts';
import { yesOrNo } from '../http/query-types.ts';

const answer = z.object({
  items: z.array(attributeResource.extend({ ageMs: z.number().int().nonnegative() })),
  page: z.object({}),
  live: z.boolean().describe('Read from the platform for this answer.'),
});

export const listAttributes = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/attributes',
  scope: 'read',
  name: 'listAttributes',
  tag: 'Attributes',
  summary: 'Current properties of a device',
  params: deviceParams,
  query: z.strictObject({
    scope: attributeScope.optional(),
    live: yesOrNo().default(false).describe('`true` asks the platform instead of our store.'),
  }),
  conditional: true,
  answers: { 200: { description: 'All attributes, by scope and name.', schema: answer } },
});

export const updateAttributes = defineEndpoint({
  method: 'PATCH',
  path: '/v1/devices/{deviceId}/attributes',
  scope: 'write',
  name: 'updateAttributes',
  tag: 'Attributes',
  summary: 'Change shared attributes on the platform',
  description:
    'A merge patch of the attributes of scope `shared`; `null` removes one, where the platform can. If-Match is the ETag of the stored attributes.',
  params: deviceParams,
  body: z
    .record(z.string().min(1).max(256), json)
    .refine((patch) => Object.keys(patch).length > 0, 'names no attribute'),
  bodyExample: { targetTemperature: 21.5 },
  bodyTypes: ['application/merge-patch+json'],
  ifMatch: true,
  answers: { 200: { description: 'The attributes as the platform now has them.', schema: answer } },
});
