import { connectionCoverage, deviceCoverage, seriesCoverage, signalName } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams, deviceParams, seriesParams } from '../http/path-params.ts';
import { cursor, instantText, limit } from '../http/query-types.ts';

const tag = 'Coverage';

const range = {
  from: instantText().optional().describe('Begin of the range, inclusive; default one day before `to`.'),
  to: instantText().optional().describe('End of the range, exclusive; default now.'),
};

const inOrder = (query: { from?: Date | undefined; to?: Date | undefined }): boolean =>
  !query.from || !query.to || query.from < query.to;
const notInOrder = { path: ['from'], message: 'must be before `to`' };

const meaning =
  'By the time that points carry. An interval is complete when its source was read for it and the conservation account has no point of it in flight, missing or parked; so an empty stretch that is complete is known to be empty. Time before anything was read is `missing` with the reason `never read, or kept no longer`; time after what was last read is `pending`, unless the connection is paused.';

export const getDeviceCoverage = defineEndpoint({
  method: 'GET',
  path: '/v1/devices/{deviceId}/coverage',
  scope: 'read',
  cost: 2,
  name: 'getDeviceCoverage',
  tag,
  summary: 'Which stretches of time are there, of a device',
  description: `${meaning} Without \`signal\` an interval is complete when it is so for every signal.`,
  params: deviceParams,
  query: z.strictObject({ ...range, signal: signalName.optional() }).refine(inOrder, notInOrder),
  answers: { 200: { description: 'Intervals that tile the range.', schema: deviceCoverage } },
});

export const getSeriesCoverage = defineEndpoint({
  method: 'GET',
  path: '/v1/series/{seriesId}/coverage',
  scope: 'read',
  cost: 2,
  name: 'getSeriesCoverage',
  tag,
  summary: 'Which stretches of time are there, of a series',
  description: meaning,
  params: seriesParams,
  query: z.strictObject(range).refine(inOrder, notInOrder),
  answers: { 200: { description: 'Intervals that tile the range.', schema: seriesCoverage } },
});

export const getConnectionCoverage = defineEndpoint({
  method: 'GET',
  path: '/v1/connections/{connectionId}/coverage',
  scope: 'read',
  cost: 5,
  name: 'getConnectionCoverage',
  tag,
  summary: 'How much of the time is there, of each device of a connection',
  description: `${meaning} A cursor goes on in the range that it was made for.`,
  params: connectionParams,
  query: z.strictObject({ ...range, limit, cursor }).refine(inOrder, notInOrder),
  answers: { 200: { description: 'A page of devices, by name.', schema: connectionCoverage } },
});
