import type { AggregateFunction, Fill, Json } from '@tributary/contracts';
import type pg from 'pg';
import { sqlStateOf } from '../database-errors.ts';
import { inSnapshot, type Queryable } from '../transaction.ts';
import { type Cell, isAmount, readCells, type Wanted } from './bucket-cells.ts';
import { bucketEdges } from './bucket-edges.ts';
import { BucketWalk, type TimedNumber } from './bucket-walk.ts';
import { type NearPoint, nearestPoints } from './nearest-points.ts';

export interface BucketsQuery {
  /** Each once. */
  seriesIds: readonly number[];
  /** Half-open: [fromMs, toMs). */
  fromMs: number;
  toMs: number;
  /** ISO 8601 duration. */
  every: string;
  /** IANA name. */
  timeZone: string;
  functions: readonly AggregateFunction[];
  fill: Fill;
  /** What begins later is not known. */
  nowMs: number;
  /** More are refused: `TooManyBucketsError`. */
  maxBuckets: number;
}

export interface BucketRow {
  /** The whole bucket, although only what lies in the range counts. */
  fromMs: number;
  toMs: number;
  /** By place of the series, then by place of the function. */
  values: Json[][];
}

/** The points of the range cannot be summed up: there are too many for the time given, or their sum is no number. */
export class BucketsError extends Error {
  override readonly name = 'BucketsError';

  constructor(
    readonly reason: 'too-long' | 'overflow',
    cause: unknown,
  ) {
    super(`the buckets could not be read: ${reason}`, { cause });
  }
}

export interface ReadingBuckets {
  signal?: AbortSignal | undefined;
  /** Buckets times series of one statement: bounds what is held at a time, here and in the database. Default 10 000. */
  cellsPerStatement?: number;
}

const CELLS_PER_STATEMENT = 10_000;
const STATEMENT_TIMEOUT_MS = 15_000;
const QUERY_CANCELED = '57014';
const OUT_OF_RANGE = '22003';

/**
 * The buckets of many series, aligned, in order of time, some at a time. Each part is read when it is asked for, from
 * one state of the database; nothing is held open between, so that a slow reader holds nobody up, and one that leaves
 * costs nothing more. What is carried from part to part makes that amounts still add up if points come meanwhile.
 */
export async function* readBuckets(
  pool: pg.Pool,
  query: BucketsQuery,
  { signal, cellsPerStatement = CELLS_PER_STATEMENT }: ReadingBuckets = {},
): AsyncGenerator<BucketRow[]> {
  const whole = await bucketEdges(pool, query);
  // Only what lies in the range counts: the outer edges are its own.
  const edges = [query.fromMs, ...whole.slice(1, -1), query.toMs];
  const size = Math.max(1, Math.floor(cellsPerStatement / query.seriesIds.length));
  const reader = new PartReader(query);
  for (let at = 0; at < edges.length - 1; at += size) {
    signal?.throwIfAborted();
    const part = await inSnapshot(pool, STATEMENT_TIMEOUT_MS, (client) =>
      reader.read(client, edges.slice(at, at + size + 1)),
    ).catch(explain);
    const rows = part.map(({ values, idle }, i) => ({
      fromMs: whole[at + i] as number,
      toMs: whole[at + i + 1] as number,
      values,
      idle,
    }));
    const told = query.fill === 'none' ? rows.filter(({ idle }) => !idle) : rows;
    if (told.length > 0) yield told.map(({ idle: _, ...row }) => row);
  }
}

function explain(error: unknown): never {
  const state = sqlStateOf(error);
  if (state === QUERY_CANCELED) throw new BucketsError('too-long', error);
  if (state === OUT_OF_RANGE) throw new BucketsError('overflow', error);
  throw error;
}

interface PartRow {
  values: Json[][];
  /** No series has a point in it, and none changes. */
  idle: boolean;
}

/** Reads one part after the other; remembers what each series was at the end of the last one. */
class PartReader {
  readonly #query: BucketsQuery;
  readonly #wanted: Wanted;
  #walks: BucketWalk[] | undefined;
  /** Numbers that lie beyond what has been read, for lines through a gap. */
  readonly #ahead = new Map<number, TimedNumber | undefined>();

  constructor(query: BucketsQuery) {
    this.#query = query;
    this.#wanted = {
      functions: new Set(query.functions),
      last: query.fill === 'previous',
      numbers: query.fill === 'linear',
    };
  }

  async read(db: Queryable, edges: number[]): Promise<PartRow[]> {
    this.#walks ??= await this.#begin(db, edges[0] as number);
    const walks = this.#walks;
    const cells = await readCells(db, {
      seriesIds: this.#query.seriesIds,
      levels: walks.map((walk) => walk.level),
      edges,
      wanted: this.#wanted,
    });
    if (this.#wanted.numbers) await this.#lookAhead(db, cells, edges);
    const columns = walks.map((walk, place) => this.#column(walk, place, cells[place] ?? [], edges));
    return Array.from({ length: edges.length - 1 }, (_, bucket) => ({
      values: columns.map((column) => column[bucket]?.values ?? []),
      idle: columns.every((column) => column[bucket]?.idle),
    }));
  }

  async #begin(db: Queryable, fromMs: number): Promise<BucketWalk[]> {
    const { seriesIds } = this.#query;
    const look = (needed: boolean, numbersOnly: boolean) =>
      needed
        ? nearestPoints(db, { seriesIds, atMs: fromMs, side: 'before', numbersOnly })
        : new Map<number, NearPoint>();
    const numbers = await look(isAmount(this.#wanted) || this.#wanted.numbers, true);
    const values = await look(this.#wanted.last, false);
    return seriesIds.map(
      (id) => new BucketWalk(this.#query, { number: timed(numbers.get(id)), value: values.get(id)?.value ?? null }),
    );
  }

  /** For a series that has an empty bucket and no number after it in this part: the number at which the gap ends. */
  async #lookAhead(db: Queryable, cells: Cell[][], edges: number[]): Promise<void> {
    const endMs = edges.at(-1) as number;
    const { seriesIds } = this.#query;
    const unknown = seriesIds.filter((id, place) => {
      if (!endsInGap(cells[place] ?? [], edges.length - 1)) return false;
      const known = this.#ahead.get(id);
      return !this.#ahead.has(id) || (known !== undefined && known.tsMs < endMs);
    });
    if (unknown.length === 0) return;
    const found = await nearestPoints(db, { seriesIds: unknown, atMs: endMs, side: 'after', numbersOnly: true });
    for (const id of unknown) this.#ahead.set(id, timed(found.get(id)));
  }

  #column(walk: BucketWalk, place: number, cells: Cell[], edges: number[]): { values: Json[]; idle: boolean }[] {
    const next = this.#wanted.numbers ? this.#nextNumbers(place, cells, edges.length - 1) : [];
    return edges.slice(1).map((toMs, bucket) =>
      walk.next({
        span: { fromMs: edges[bucket] as number, toMs },
        cell: cells[bucket],
        closing: cells[bucket + 1],
        next: next[bucket],
      }),
    );
  }

  /** By bucket, the first number after it. */
  #nextNumbers(place: number, cells: Cell[], size: number): (TimedNumber | undefined)[] {
    const numbers: (TimedNumber | undefined)[] = [];
    let next = this.#ahead.get(this.#query.seriesIds[place] as number);
    for (let bucket = size - 1; bucket >= 0; bucket -= 1) {
      numbers[bucket] = next;
      const { firstNumber, firstNumberMs } = cells[bucket] ?? {};
      if (typeof firstNumber === 'number' && typeof firstNumberMs === 'number') {
        next = { value: firstNumber, tsMs: firstNumberMs };
      }
    }
    return numbers;
  }
}

function endsInGap(cells: Cell[], size: number): boolean {
  for (let bucket = size - 1; bucket >= 0; bucket -= 1) {
    if (cells[bucket] === undefined) return true;
    if (typeof cells[bucket]?.firstNumber === 'number') return false;
  }
  return false;
}

function timed(point: NearPoint | undefined): TimedNumber | undefined {
  return typeof point?.value === 'number' ? { tsMs: point.tsMs, value: point.value } : undefined;
}
