import { connectionId, deviceFreshness, freshnessAnswer, link } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { deviceParams } from '../http/path-params.ts';
import { cursor, limit } from '../http/query-types.ts';

const tag = 'Freshness';

export const getFreshness = defineEndpoint({
  method: 'GET',
  path: '/v1/freshness',
  scope: 'read',
  name: 'getFreshness',
  tag,
  summary: 'What is silent, and why',
  description:
    'Devices of which nothing comes although something is expected, each with the first link of the chain from its platform to us for which there is evidence that it is broken. Said as `device.stale` and `device.recovered` on the bus, once each. While the database is away, it is said on the bus alone, and stands here afterwards.',
  query: z.strictObject({
    link: link.optional(),
    connectionId: connectionId.optional(),
    state: z
      .enum(['silent', 'over', 'all'])
      .default('silent')
      .describe('`over`: silences that have ended; they are kept for 90 days.'),
    limit,
    cursor,
  }),
  answers: { 200: { description: 'A page of silences, the newest first.', schema: freshnessAnswer } },
});

export const getDeviceFreshness = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/freshness',
  scope: 'read',
  name: 'getDeviceFreshness',
  tag,
  summary: 'How often something comes of a device, how old it is, and why nothing comes',
  description:
    'The cadence is what the platform says, or what is learned from points that were the newest when they came. A device may be silent for one and three quarters of the usual interval, or one and a half of the slow ones, rounded up to whole rounds of its poll and at least two, and a second more; `freshness` in the settings of its connection says otherwise.',
  params: deviceParams,
  answers: { 200: { description: 'The device, its series, and its last silences.', schema: deviceFreshness } },
});
