import { QUERY_LIMITS, telemetryQuery, telemetryQueryAnswer } from '@tributary/contracts';
import { defineEndpoint } from '../http/endpoint-spec.ts';
import { AGGREGATES } from './aggregate-text.ts';

const FILLS = `\`fill\` says what stands in a bucket in which a series has no point; one that has points is never filled.

- \`null\` (default): null; every bucket of the range is there.
- \`none\`: null; a bucket in which no series has a point, and none changes, is left out.
- \`previous\`: the last value before the bucket, also one before the range, as if it had stood still: \`first\` and \`last\` are it, \`avg\`, \`min\` and \`max\` too where it is a number. Not in buckets that begin later than now.
- \`linear\`: the straight line between the last number before the bucket and the first one after it, also outside the range: \`first\` where the bucket begins, \`last\` where it ends, \`avg\` in the middle, \`min\` and \`max\` the lesser and the greater end. Null where one of the two is missing.
- \`0\`: zero in place of every null.

\`count\` is 0 there, and \`delta\` and \`increase\` are known, whatever \`fill\` says; a \`sum\` is an amount and is never carried on, only \`0\` fills it.`;

export const queryTelemetry = defineEndpoint({
  method: 'POST',
  path: '/v1/telemetry:query',
  scope: 'read',
  name: 'queryTelemetry',
  cost: 10,
  tag: 'Telemetry',
  summary: 'Many series at once, in aligned buckets',
  description: `Series are named by id, or selected by device or connection, with the signals wanted; each that is asked for is answered, in the order of asking, or named in the problem. At most ${QUERY_LIMITS.series} series, and ${QUERY_LIMITS.cells} buckets times series; as \`application/x-ndjson\` or \`text/csv\`, which are streamed, ${QUERY_LIMITS.streamedCells}, in at most ${QUERY_LIMITS.streamedBuckets} buckets.

JSON is by columns: \`series[s].values[fn][i]\` belongs to \`buckets[i]\`. NDJSON has a line for each bucket, \`{ from, to, values: { ser_1: { avg: 1 } } }\`; CSV a row for each bucket and a column \`ser_1.avg\` for each series and function. An answer that breaks off is not complete.

${AGGREGATES}

${FILLS}`,
  body: telemetryQuery,
  bodyExample: {
    series: ['ser_1'],
    from: '2026-03-01T00:00:00+01:00',
    to: '2026-04-01T00:00:00+02:00',
    every: 'P1D',
    timeZone: 'Europe/Stockholm',
    fn: ['avg', 'increase'],
    fill: 'null',
  },
  answers: {
    200: {
      description: 'Buckets, and the values of each series in them.',
      schema: telemetryQueryAnswer,
      mediaTypes: ['application/x-ndjson', 'text/csv'],
    },
    404: { description: 'A series, a device, a connection or a signal of it is not there; `errors` names each.' },
    422: { description: 'There are too many points to be aggregated in the time given, or their sum is no number.' },
  },
});
