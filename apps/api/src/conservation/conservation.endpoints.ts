import { connectionId, conservationAnswer, conservationStates } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { connectionParams } from '../http/path-params.ts';
import { cursor, instantText, limit } from '../http/query-types.ts';

const tag = 'Conservation';

const range = {
  from: instantText().optional().describe('Begin of the range, inclusive; default one hour before `to`.'),
  to: instantText().optional().describe('End of the range, exclusive; default now.'),
  state: z
    .enum(conservationStates.filter((state) => state !== 'balanced'))
    .optional()
    .describe('Only minutes in which something is in flight, or missing.'),
  limit,
  cursor,
};

const inOrder = (query: { from?: Date | undefined; to?: Date | undefined }): boolean =>
  !query.from || !query.to || query.from < query.to;
const notInOrder = { path: ['from'], message: 'must be before `to`' };

const equation =
  'For every connection and minute: received = stored + duplicate + corrected + superseded + parked + all of `dropped` + inFlight + missing. Counted at the hand-overs (platform to adapter, adapter to bus, bus to commit) by two services that know nothing of each other’s counts, and kept through every restart. `totals` are the sums of all minutes of the range, whatever the page.';

export const getConservation = defineEndpoint({
  method: 'GET',
  path: '/v1/conservation',
  scope: 'read',
  // The sums are of the whole range, however long.
  cost: 2,
  name: 'getConservation',
  tag,
  summary: 'What became of every point that was received, minute by minute',
  description: `${equation} \`state=unbalanced\` lists what is missing, with the numbers of the points where they have any.`,
  query: z.strictObject({ connectionId: connectionId.optional(), ...range }).refine(inOrder, notInOrder),
  answers: {
    200: { description: 'Sums, and a page of minutes, the newest first.', schema: conservationAnswer },
  },
});

export const getConnectionConservation = defineEndpoint({
  method: 'GET',
  path: '/v1/connections/{connectionId}/conservation',
  scope: 'read',
  cost: 2,
  name: 'getConnectionConservation',
  tag,
  summary: 'The same of one connection',
  description: equation,
  params: connectionParams,
  query: z.strictObject(range).refine(inOrder, notInOrder),
  answers: {
    200: { description: 'Sums, and a page of minutes, the newest first.', schema: conservationAnswer },
  },
});
