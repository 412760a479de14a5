import { Controller, Inject, Req, StreamableFile } from '@nestjs/common';
import { type AggregateFunction, QUERY_LIMITS } from '@tributary/contracts';
import type { FastifyRequest } from 'fastify';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
import { CoverageStore, type CoveredSeries } from '../coverage/coverage-store.ts';
import { DeviceStore } from '../devices/device-store.ts';
import { HOUSE, type House } from '../house.ts';
import { Gone } from '../http/abort.ts';
import { Answer } from '../http/answer.ts';
import { Endpoint } from '../http/endpoint.ts';
import type { InputOf } from '../http/endpoint-spec.ts';
import { Input } from '../http/input.ts';
import { negotiate } from '../http/negotiate.ts';
import { seriesNumber } from '../http/path-params.ts';
import { badRequest } from '../http/problem-error.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { nextLink } from '../lists/next-link.ts';
import { withProblems } from './bucket-problems.ts';
import { allRows, POINT_TYPES, type PointRow, textFile } from './point-text.ts';
import { getPoints, getRevisions, MAX_BUCKETS } from './points.endpoints.ts';
import { type SeriesResource, SeriesStore } from './series-store.ts';

type Query = InputOf<typeof getPoints>['query'];

interface Range {
  fromMs: number;
  toMs: number;
}

interface Asked extends Range {
  seriesId: number;
  query: Query;
  signal: AbortSignal;
}

/** What is answered as JSON: rows, and what is said beside them. */
interface Found {
  rows: PointRow[];
  beside?: Record<string, unknown>;
  nextCursor?: string;
}

const DAY_MS = 86_400_000;
const RAW_LIMIT = 1_000;
/** Where nothing is said: what one pass over the points gives. */
const USUAL: readonly AggregateFunction[] = ['count', 'avg', 'min', 'max', 'sum', 'first', 'last'];
const RAW_COLUMNS = ['ts', 'value'];

@Controller()
export class PointsController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(SeriesStore) private readonly series: SeriesStore,
    @Inject(DeviceStore) private readonly devices: DeviceStore,
    @Inject(CoverageStore) private readonly coverage: CoverageStore,
  ) {}

  @Endpoint(getPoints)
  async points(
    @Input() { params, query }: InputOf<typeof getPoints>,
    @Caller() caller: CallerIdentity,
    @Req() request: FastifyRequest,
    @Gone() signal: AbortSignal,
  ): Promise<Answer | StreamableFile> {
    const type = negotiate(request.headers.accept, POINT_TYPES);
    const series = await this.series.get(caller.workspace, params.seriesId);
    const { id, observedAt, ageMs, staleAfterMs, stale } = series;
    const seriesId = seriesNumber(id);
    const asked = { seriesId, query, signal, ...this.#range(seriesId, query) };
    if (type === 'application/json') {
      const meta = query.coverage ? { meta: await this.#meta(caller, series, asked) } : {};
      const found = await this.#find(asked);
      const beside = { ...found.beside, ...meta, freshness: { observedAt, ageMs, staleAfterMs, stale } };
      return this.#answer(asked, { ...found, beside }, request.originalUrl);
    }
    if (query.every !== undefined) {
      const buckets = this.#buckets(asked, query.every, QUERY_LIMITS.streamedBuckets);
      return textFile(buckets, type, bucketColumns(query));
    }
    if (query.maxPoints === undefined) return textFile(this.#stream(asked), type, RAW_COLUMNS);
    return textFile(once((await this.#find(asked)).rows), type, RAW_COLUMNS);
  }

  /** To be asked before the points are read: what is complete then, they hold. */
  async #meta({ workspace }: CallerIdentity, { id, deviceId, signal }: SeriesResource, range: Range) {
    const { connectionId } = await this.devices.address(workspace, deviceId);
    const series: CoveredSeries = { seriesId: id, deviceId, connectionId, signal };
    return { coverage: await this.coverage.note([series], range) };
  }

  @Endpoint(getRevisions)
  async revisions(@Input() { params, query }: InputOf<typeof getRevisions>, @Caller() caller: CallerIdentity) {
    const { id } = await this.series.get(caller.workspace, params.seriesId);
    const range = this.#range(seriesNumber(id), query);
    const rows = await this.house.telemetry.revisions({ seriesId: seriesNumber(id), limit: query.limit, ...range });
    const items = rows.map(({ ts, value, rev, replacedByRev }) => ({
      ts: ts.toISOString(),
      value,
      rev,
      replacedByRev,
    }));
    return { ...texts(range), items, page: {} };
  }

  /** A cursor brings its own range, so that one that ended "now" does not move on between pages. */
  #range(seriesId: number, query: Pick<Query, 'from' | 'to'> & Partial<Pick<Query, 'cursor' | 'order'>>): Range {
    if (query.cursor !== undefined) {
      const [, from, to] = readCursor(query.cursor, bindingOf('points', seriesId, query.order ?? 'asc'), [
        'bigint',
        'bigint',
        'bigint',
      ]);
      return { fromMs: Number(from), toMs: Number(to) };
    }
    const toMs = query.to?.getTime() ?? this.house.clock.now();
    const fromMs = query.from?.getTime() ?? toMs - DAY_MS;
    if (fromMs >= toMs) throw badRequest([{ pointer: '/query/from', detail: 'must be before `to`' }]);
    return { fromMs, toMs };
  }

  async #find(asked: Asked): Promise<Found> {
    const { query } = asked;
    if (query.every !== undefined) return this.#aggregated(asked, query.every);
    if (query.maxPoints === undefined) return this.#raw(asked);
    const points = await this.house.telemetry.downsample({ ...asked, maxPoints: query.maxPoints });
    const rows = points.map(({ tsMs, value }) => ({ ts: new Date(tsMs).toISOString(), value }));
    return { rows, beside: { maxPoints: query.maxPoints } };
  }

  async #raw({ seriesId, fromMs, toMs, query }: Asked): Promise<Found> {
    const binding = bindingOf('points', seriesId, query.order ?? 'asc');
    const after =
      query.cursor === undefined
        ? undefined
        : (readCursor(query.cursor, binding, ['bigint', 'bigint', 'bigint'])[0] ?? undefined);
    const page = await this.house.telemetry.points({
      seriesId,
      fromMs,
      toMs,
      after,
      limit: query.limit ?? RAW_LIMIT,
      descending: query.order === 'desc',
    });
    const rows = page.items.map(rawRow);
    const next =
      page.next === undefined ? {} : { nextCursor: writeCursor(binding, [page.next, String(fromMs), String(toMs)]) };
    return { rows, ...next };
  }

  async #aggregated(asked: Asked, every: string): Promise<Found> {
    const rows = await allRows(this.#buckets(asked, every, MAX_BUCKETS));
    return { rows, beside: { every, timeZone: asked.query.timeZone ?? 'UTC' } };
  }

  async *#buckets({ seriesId, fromMs, toMs, query, signal }: Asked, every: string, maxBuckets: number) {
    const functions = query.fn ?? USUAL;
    const asked = {
      seriesIds: [seriesId],
      fromMs,
      toMs,
      every,
      timeZone: query.timeZone ?? 'UTC',
      functions,
      fill: query.empty ? 'null' : 'none',
      nowMs: this.house.clock.now(),
      maxBuckets,
    } as const;
    const tooMany = () => `the range has more than ${maxBuckets} buckets; ask for wider ones or a shorter range`;
    const read = this.house.telemetry.buckets(asked, signal);
    for await (const page of withProblems(read, { part: 'query', tooMany })) {
      yield page.map(({ values: [values = []], ...bucket }) => ({
        ...texts(bucket),
        ...Object.fromEntries(functions.map((name, i) => [name, values[i]])),
      }));
    }
  }

  async *#stream({ seriesId, fromMs, toMs, query, signal }: Asked): AsyncGenerator<PointRow[]> {
    const pages = this.house.telemetry.streamPoints(
      { seriesId, fromMs, toMs, descending: query.order === 'desc' },
      signal,
    );
    for await (const page of pages) yield page.map(rawRow);
  }

  #answer(range: Range, { rows, beside, nextCursor }: Found, url: string): Answer {
    const page = nextCursor === undefined ? {} : { nextCursor };
    const body = { ...texts(range), ...beside, items: rows, page };
    if (nextCursor === undefined) return new Answer(body);
    return new Answer(body, { headers: { link: nextLink(url, nextCursor) } });
  }
}

const rawRow = ({ ts, value }: { ts: Date; value: unknown }): PointRow => ({ ts: ts.toISOString(), value });

const texts = ({ fromMs, toMs }: Range) => ({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });

const bucketColumns = ({ fn }: Query): string[] => ['from', 'to', ...(fn ?? USUAL)];

async function* once(rows: PointRow[]): AsyncGenerator<PointRow[]> {
  yield rows;
}
