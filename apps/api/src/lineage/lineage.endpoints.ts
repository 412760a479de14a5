import { lineage, rev, seriesIdSchema } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { instantText } from '../http/query-types.ts';

const tag = 'Lineage';
/** A stretch of the log may have to be read for it. */
const COST = 5;

const description =
  'The event as the log has it; the requests or messages of the platform that brought it, without secrets; when it was received, published, taken and committed; what became of each of its points and what they replaced; parked messages; deliveries to subscribers. What is no longer kept is said in `gone`, and `complete` is false then.';

const answers = {
  200: { description: 'What is known of it.', schema: lineage },
  503: { description: 'The event log cannot be read at the moment.' },
};

export const getEventLineage = defineEndpoint({
  method: 'GET',
  path: '/v1/events/{eventId}/lineage',
  scope: 'read',
  cost: COST,
  name: 'getEventLineage',
  tag,
  summary: 'Where an event comes from, and what became of it',
  description,
  params: z.strictObject({ eventId: z.uuid() }),
  query: z.strictObject({}),
  answers,
});

export const getValueLineage = defineEndpoint({
  method: 'GET',
  path: '/v1/series/{seriesId}/points/{ts}/lineage',
  scope: 'read',
  cost: COST,
  name: 'getValueLineage',
  tag,
  summary: 'The same of a stored value: by which event it stands here',
  description: `${description} \`points\` holds the one that was asked for.`,
  params: z.strictObject({ seriesId: seriesIdSchema, ts: instantText().describe('Time of the point.') }),
  query: z.strictObject({
    rev: rev
      .optional()
      .describe('Of a value that was replaced, as `revisions` tells them; default the one that stands.'),
  }),
  answers,
});
