import {
  aggregatedPoint,
  aggregateFunction,
  aggregateFunctions,
  bucketWidth,
  coverageNote,
  freshMembers,
  json,
  rawPoint,
  timeZoneName,
} from '@tributary/contracts';
import { z } from 'zod';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { seriesParams } from '../http/path-params.ts';
import { commaList, cursor, instantText, limit, wholeNumber, yesOrNo } from '../http/query-types.ts';
import { AGGREGATES } from './aggregate-text.ts';

const tag = 'Telemetry';
/** Buckets of an answer that is made in memory. */
export const MAX_BUCKETS = 20_000;

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
    every: bucketWidth().optional().describe('Aggregate by calendar buckets of this width, such as PT15M, P1D or P1M.'),
    timeZone: timeZoneName().optional().describe('IANA zone of the buckets; default UTC.'),
    fn: commaList(aggregateFunction, aggregateFunctions.length)
      .optional()
      .describe('Which aggregates to give; default all but `delta` and `increase`.'),
    empty: yesOrNo()
      .optional()
      .describe('`true` gives all buckets; otherwise those without points, in which nothing changes, are left out.'),
    coverage: yesOrNo()
      .optional()
      .describe('`true` says in `meta.coverage` whether the points of the range are all there are; as JSON only.'),
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
/** Of the series as it is now, whatever the range. */
const fresh = { freshness: z.object(freshMembers) };
const noPage = z.object({ nextCursor: z.string().optional() });
const said = { meta: z.object({ coverage: coverageNote }).optional() };

/** Raw points, aggregates, or points for a plot, by what was asked for. */
export const pointsAnswer = z.union([
  z.object({ ...bounds, ...fresh, items: z.array(rawPoint), page: noPage, ...said }),
  z.object({
    ...bounds,
    ...fresh,
    every: z.string(),
    timeZone: z.string(),
    items: z.array(aggregatedPoint.partial()),
    page: noPage,
    ...said,
  }),
  z.object({
    ...bounds,
    ...fresh,
    maxPoints: z.number().int(),
    items: z.array(z.object({ ts: z.iso.datetime(), value: z.number() })),
    page: noPage,
    ...said,
  }),
]);

export const getPoints = defineEndpoint({
  method: 'GET',
  path: '/v1/series/{seriesId}/points',
  scope: 'read',
  name: 'getPoints',
  cost: 2,
  tag,
  summary: 'Points of a series: raw, aggregated, or reduced for a plot',
  description: `The range is half-open: [from, to). As \`application/x-ndjson\` or \`text/csv\` the whole range is streamed.\n\n${AGGREGATES}`,
  params: seriesParams,
  query: pointsQuery,
  answers: {
    200: {
      description: 'Points in order of time.',
      schema: pointsAnswer,
      mediaTypes: ['application/x-ndjson', 'text/csv'],
    },
    422: { description: 'There are too many points to be aggregated in the time given, or their sum is no number.' },
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
