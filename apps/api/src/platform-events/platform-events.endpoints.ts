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
  description: [
    'Entries of vendors’ own logs, such as a device that called in. Filter by `deviceId`, `connectionId`, `platform`, `name`, `ts` and `details.<name>`; `sort=ts` begins with the oldest.',
    '`name eq "telemetry.gap"` lists telemetry that was missed and cannot be had any more: `details` has `from` and `to` (half-open), `reason`, `signal` or `space` where the gap is narrower than the device or the connection, and `filledWith` where aggregates stand in its place; `ts` is its beginning. Without `deviceId` it concerns every device of the connection, or of the space.',
  ].join('\n\n'),
  query: z.strictObject({ ...listQuery, fields }),
  answers: { 200: { description: 'A page of platform events.', schema: pageOf(platformEventResource) } },
});
