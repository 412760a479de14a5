import { Controller, Inject, Req } from '@nestjs/common';
import { QUERY_LIMITS, type StoredMeta } from '@tributary/contracts';
import type { BucketRow } from '@tributary/database';
import type { FastifyRequest } from 'fastify';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { CoverageStore } from '../coverage/coverage-store.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { negotiate } from '../http/negotiate.ts';
import { ConnectionSources } from '../sources/connection-sources.ts';
import { withProblems } from './bucket-problems.ts';
import { allRows, POINT_TYPES, type PointRow, textFile } from './point-text.ts';
import { queryTelemetry } from './query.endpoints.ts';
import { columnarAnswer, tableColumns, textRow } from './query-answer.ts';
import { type SelectedSeries, SeriesSelection } from './series-selection.ts';

type Query = InputOf<typeof queryTelemetry>['body'];

const { cells, streamedCells, streamedBuckets } = QUERY_LIMITS;

@Controller()
export class QueryController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(SeriesSelection) private readonly selection: SeriesSelection,
    @Inject(ConnectionSources) private readonly sources: ConnectionSources,
    @Inject(CoverageStore) private readonly coverage: CoverageStore,
  ) {}

  @Endpoint(queryTelemetry)
  async query(
    @Input() { body }: InputOf<typeof queryTelemetry>,
    @Caller() caller: CallerIdentity,
    @Req() request: FastifyRequest,
    @Gone() signal: AbortSignal,
  ): Promise<unknown> {
    const type = negotiate(request.headers.accept, POINT_TYPES);
    const fn = [...new Set(body.fn)];
    const asked = { ...body, fn };
    const series = await this.selection.find(caller.workspace, body);
    const meta = await this.#meta(caller, series, body.require);
    const pages = this.#buckets(asked, series, { signal, streamed: type !== 'application/json' });
    if (type === 'application/json') {
      // Before the points are read: what is complete then, they hold.
      const coverage = body.coverage ? { coverage: await this.#coverage(body, series) } : {};
      const rows = await allRows(pages);
      return columnarAnswer(asked, series, rows, { nowMs: this.house.clock.now(), meta: { ...meta, ...coverage } });
    }
    return textFile(mapped(pages, textRow(type, series, fn)), type, tableColumns(series, fn));
  }

  /** The connections that the series are of. Throws 503 where all are required and one is not well. */
  #meta(caller: CallerIdentity, series: SelectedSeries[], require: Query['require']): Promise<StoredMeta> {
    const drawn = series.map((one) => ({ connectionId: one.connection_id }));
    const connectionIds = [...new Set(drawn.map(({ connectionId }) => connectionId))];
    return this.sources.drawn(caller, { require, connectionIds }, drawn);
  }

  #coverage({ from, to }: Query, series: readonly SelectedSeries[]) {
    const covered = series.map((one) => ({
      seriesId: `ser_${one.id}`,
      deviceId: one.device_id,
      connectionId: one.connection_id,
      signal: one.signal,
    }));
    return this.coverage.note(covered, { fromMs: from.getTime(), toMs: to.getTime() });
  }

  #buckets(
    { from, to, every, timeZone, fn, fill }: Query,
    series: SelectedSeries[],
    { signal, streamed }: { signal: AbortSignal; streamed: boolean },
  ): AsyncGenerator<BucketRow[]> {
    const limit = streamed ? streamedCells : cells;
    const maxBuckets = Math.min(streamedBuckets, Math.floor(limit / series.length));
    const query = {
      seriesIds: series.map(({ id }) => id),
      fromMs: from.getTime(),
      toMs: to.getTime(),
      every,
      timeZone,
      functions: fn,
      fill,
      nowMs: this.house.clock.now(),
      maxBuckets,
    };
    const tooMany = (buckets: number) =>
      `asks for ${buckets} buckets of ${series.length} series, ${buckets * series.length} together; ${limitText(limit, streamed)}. Ask for wider buckets, a shorter range or fewer series`;
    return withProblems(this.house.telemetry.buckets(query, signal), { part: 'body', tooMany });
  }
}

const limitText = (limit: number, streamed: boolean): string =>
  streamed
    ? `there may be ${streamedBuckets} buckets and ${limit} together`
    : `there may be ${limit} together as JSON, ${streamedCells} as NDJSON or CSV`;

async function* mapped(
  pages: AsyncIterable<BucketRow[]>,
  map: (row: BucketRow) => PointRow,
): AsyncGenerator<PointRow[]> {
  for await (const page of pages) yield page.map(map);
}
