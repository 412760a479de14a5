import { aggregatedPoint, json, rawPoint } from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { seriesParams } from '../http/path-params.ts';
import {
  commaList,
  cursor,
  instantText,
  isoDuration,
  limit,
  plainText,
  wholeNumber,
  yesOrNo,
} from '../http/query-types.ts';

const tag = 'Telemetry';
export const aggregateNames = ['count', 'avg', 'min', 'max', 'sum', 'first', 'last'] as const;

const range = {
  from: instantText().optional().describe('Begin of the range, inclusive; default one day before `to`.'),
  to: instantText().optional().describe('End of the range, exclusive; default now.'),
};

const pointsQuery = z
  .strictObject({
    ...range,
    order: z.enum(['asc', 'desc']).optional().describe('Of raw points by time; default asc.'),
    limit: wholeNumber(1, 1000)
      .optional()
      .describe('Of raw points as JSON; default 1000. NDJSON and CSV give the whole range.'),
    cursor,
    every: isoDuration().optional().describe('Aggregate by calendar buckets of this width, such as PT15M, P1D or P1M.'),
    timeZone: plainText(64).optional().describe('IANA zone of the buckets; default UTC.'),
    fn: commaList(z.enum(aggregateNames), aggregateNames.length)
      .optional()
      .describe('Which aggregates to give; default all.'),
    empty: yesOrNo().optional().describe('`true` gives buckets without points too.'),
    maxPoints: wholeNumber(4, 20_000)
      .optional()
      .describe('Reduce to at most so many points for a plot, keeping every peak.'),
  })
  .superRefine((query, context) => {
    const refuse = (names: readonly (keyof typeof query)[], message: string) => {
      for (const name of names)
        if (query[name] !== undefined) context.addIssue({ code: 'custom', path: [name], message });
    };
    if (query.every !== undefined) refuse(['order', 'limit', 'cursor', 'maxPoints'], 'cannot be used with every');
    else refuse(['timeZone', 'fn', 'empty'], 'needs every');
    if (query.maxPoints !== undefined) refuse(['order', 'limit', 'cursor'], 'cannot be used with maxPoints');
    if (query.from && query.to && query.from >= query.to)
      context.addIssue({ code: 'custom', path: ['from'], message: 'must be before `to`' });
  });

const bounds = { from: z.iso.datetime(), to: z.iso.datetime() };
const noPage = z.object({ nextCursor: z.string().optional() });

/** Raw points, aggregates, or points for a plot, by what was asked for. */
export const pointsAnswer = z.union([
  z.object({ ...bounds, items: z.array(rawPoint), page: noPage }),
  z.object({
    ...bounds,
    every: z.string(),
    timeZone: z.string(),
    items: z.array(aggregatedPoint.partial()),
    page: noPage,
  }),
  z.object({
    ...bounds,
    maxPoints: z.number().int(),
    items: z.array(z.object({ ts: z.iso.datetime(), value: z.number() })),
    page: noPage,
  }),
]);

export const getPoints = defineEndpoint({
  method: 'GET',
  path: '/v1/series/{seriesId}/points',
  scope: 'read',
  name: 'getPoints',
  tag,
  summary: 'Points of a series: raw, aggregated, or reduced for a plot',
  description:
    'The range is half-open: [from, to). As `application/x-ndjson` or `text/csv` the whole range is streamed, whatever its size.',
  params: seriesParams,
  query: pointsQuery,
  answers: {
    200: {
      description: 'Points in order of time.',
      schema: pointsAnswer,
      mediaTypes: ['application/x-ndjson', 'text/csv'],
    },
  },
});

export const getRevisions = defineEndpoint({
  method: 'GET',
  path: '/v1/series/{seriesId}/revisions',
  scope: 'read',
  name: 'getRevisions',
  tag,
  summary: 'Values that corrections have replaced',
  params: seriesParams,
  query: z.strictObject({ ...range, limit }).refine((query) => !query.from || !query.to || query.from < query.to, {
    path: ['from'],
    message: 'must be before `to`',
  }),
  answers: {
    200: {
      description: 'Oldest point first, each value with the rev it was given with and the one that replaced it.',
      schema: z.object({
        ...bounds,
        items: z.array(z.object({ ts: z.iso.datetime(), value: json, rev: z.string(), replacedByRev: z.string() })),
        page: z.object({}),
      }),
    },
  },
});
