import { Controller, Inject, Req, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Caller, type CallerIdentity } from '../auth/caller.ts';
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
import { type PointRow, pointText } from './point-text.ts';
import { aggregateNames, getPoints, getRevisions } from './points.endpoints.ts';
import { SeriesStore } from './series-store.ts';

type Query = InputOf<typeof getPoints>['query'];

interface Range {
  fromMs: number;
  toMs: number;
}

interface Asked extends Range {
  seriesId: number;
  query: Query;
}

/** What is answered: rows, what is said beside them, and their columns in a table. */
interface Found {
  rows: PointRow[];
  beside?: Record<string, unknown>;
  nextCursor?: string;
  columns: readonly string[];
}

const DAY_MS = 86_400_000;
const RAW_LIMIT = 1_000;
const TYPES = ['application/json', 'application/x-ndjson', 'text/csv'] as const;
const RAW_COLUMNS = ['ts', 'value'];

@Controller()
export class PointsController {
  constructor(
    @Inject(HOUSE) private readonly house: House,
    @Inject(SeriesStore) private readonly series: SeriesStore,
  ) {}

  @Endpoint(getPoints)
  async points(
    @Input() { params, query }: InputOf<typeof getPoints>,
    @Caller() caller: CallerIdentity,
    @Req() request: FastifyRequest,
    @Gone() signal: AbortSignal,
  ): Promise<Answer | StreamableFile> {
    const type = negotiate(request.headers.accept, TYPES);
    const { id } = await this.series.get(caller.workspace, params.seriesId);
    const seriesId = seriesNumber(id);
    const asked = { seriesId, query, ...this.#range(seriesId, query) };
    if (type !== 'application/json' && query.every === undefined && query.maxPoints === undefined) {
      return textFile(pointText(this.#stream(asked, signal), type, RAW_COLUMNS), type);
    }
    const found = await this.#find(asked);
    if (type !== 'application/json') return textFile(pointText(once(found.rows), type, found.columns), type);
    return this.#answer(asked, found, request.originalUrl);
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
    return { rows, beside: { maxPoints: query.maxPoints }, columns: RAW_COLUMNS };
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
    return { rows, columns: RAW_COLUMNS, ...next };
  }

  async #aggregated({ seriesId, fromMs, toMs, query }: Asked, every: string): Promise<Found> {
    const names = query.fn ?? aggregateNames;
    const timeZone = query.timeZone ?? 'UTC';
    try {
      const buckets = await this.house.telemetry.aggregate({
        seriesId,
        fromMs,
        toMs,
        every,
        timeZone,
        empty: query.empty,
      });
      const rows = buckets.map((bucket) => ({
        from: bucket.from.toISOString(),
        to: bucket.to.toISOString(),
        ...Object.fromEntries(names.map((name) => [name, bucket[name]])),
      }));
      return { rows, beside: { every, timeZone }, columns: ['from', 'to', ...names] };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const at = /zone/.test(error.message) ? '/query/timeZone' : '/query/every';
      throw badRequest([{ pointer: at, detail: error.message }]);
    }
  }

  async *#stream({ seriesId, fromMs, toMs, query }: Asked, signal: AbortSignal): AsyncGenerator<PointRow[]> {
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
    const [path = '', query = ''] = url.split('?', 2);
    const parameters = new URLSearchParams(query);
    parameters.set('cursor', nextCursor);
    return new Answer(body, { headers: { link: `<${path}?${parameters}>; rel="next"` } });
  }
}

const rawRow = ({ ts, value }: { ts: Date; value: unknown }): PointRow => ({ ts: ts.toISOString(), value });

const texts = ({ fromMs, toMs }: Range) => ({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() });

const textFile = (stream: ReturnType<typeof pointText>, type: string): StreamableFile =>
  new StreamableFile(stream, { type: `${type}; charset=utf-8`, disposition: 'inline' });

async function* once(rows: PointRow[]): AsyncGenerator<PointRow[]> {
  yield rows;
}
