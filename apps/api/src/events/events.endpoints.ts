import { areas, connectionId, eventNames, eventResource, origin, origins, platformId } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { commaList, instantText, wholeNumber } from '../http/query-types.ts';

const tag = 'Events';
const typeName = z.enum([...areas, ...eventNames] as [string, ...string[]]);

const wishes = {
  types: commaList(typeName, 50)
    .optional()
    .describe('Event names such as `telemetry.observed`, or areas such as `telemetry`, separated by commas.'),
  subject: commaList(
    z.string().regex(/^[a-z0-9_-]{1,100}$/, 'expected the id of a device, command, file or connection'),
    100,
  )
    .optional()
    .describe('Ids of devices, commands, files or connections, separated by commas.'),
  connection: connectionId.optional(),
  platform: platformId.optional(),
  origins: commaList(origin, origins.length)
    .optional()
    .describe('Where the data came from, separated by commas: `live,poll` leaves out what backfills read again.'),
};

const eventCursor = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'expected a cursor that an event or a page gave');

export const listEvents = defineEndpoint({
  method: 'GET',
  path: '/v1/events',
  scope: 'read',
  name: 'listEvents',
  tag,
  summary: 'Events after a cursor, oldest first',
  description:
    'Begins with the oldest event that is kept, at `since`, or after `cursor`. `nextCursor` is always there: ask again with it. The same cursors serve as Last-Event-ID of /v1/stream.',
  query: z
    .strictObject({
      ...wishes,
      cursor: eventCursor.optional(),
      since: instantText().optional().describe('Begin at this time, exact to the second.'),
      limit: wholeNumber(1, 1000).default(50),
      waitMs: wholeNumber(0, 30_000).default(0).describe('How long to wait for a first event where there is none.'),
    })
    .refine((query) => query.cursor === undefined || query.since === undefined, {
      path: ['since'],
      message: 'cannot be used with cursor',
    }),
  answers: {
    200: {
      description: 'Events, perhaps none.',
      schema: z.object({ items: z.array(eventResource), page: z.object({ nextCursor: z.string() }) }),
    },
    410: { description: 'The events after the cursor are no longer kept.' },
  },
});

export const streamEvents = defineEndpoint({
  method: 'GET',
  path: '/v1/stream',
  scope: 'read',
  name: 'streamEvents',
  tag,
  summary: 'Events as they happen (Server-Sent Events)',
  description:
    'Begins with what is new, at `since`, or after `cursor` or `Last-Event-ID`. `id` is the cursor, `event` the name, `data` the CloudEvent. A comment every 15 seconds keeps the connection. An `id` without data says how far the log was looked at: at the beginning, and with such a comment. A cursor that is no longer kept gives one event `resync`, whose `id` is where the stream goes on, with what is new: read the current state anew.',
  query: z.strictObject({ ...wishes, cursor: eventCursor.optional(), since: instantText().optional() }),
  answers: { 200: { description: 'An endless stream.', mediaTypes: ['text/event-stream'] } },
});
