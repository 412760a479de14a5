import { pageOf, platformEventResource } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { fields, listQuery } from '../http/query-types.ts';

export const listPlatformEvents = defineEndpoint({
  method: 'GET',
  path: '/v1/platform-events',
  scope: 'read',
  name: 'listPlatformEvents',
  tag: 'Events',
  summary: 'What platforms told of besides values, newest first',
  description:
    'Entries of vendors’ own logs, such as a device that called in. Filter by `deviceId`, `connectionId`, `platform`, `name`, `ts` and `details.<name>`; `sort=ts` begins with the oldest.',
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of platform events.', schema: pageOf(platformEventResource) } },
});
