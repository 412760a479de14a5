import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TelemetryStore } from '@tributary/database';
import { eventually, systemClock } from '@tributary/testing';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

const POINTS = 1_000_000;
const STEP_MS = 500;
/** Series of the query: one has points, the others make its lines long. */
const SERIES = 20;
/** Buckets of a second. */
const BUCKETS = 50_000;
/** Yesterday: partitions of it and of the days to come exist. */
const first = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000);
const after = (points: number) => new Date(first.getTime() + points * STEP_MS).toISOString();

let world: World;
let ids: Seeded;
let token: string;
let port: number;

beforeAll(async () => {
  world = await makeWorld();
  ids = await seed(world, 'default');
  token = await world.key('default', ['read']);
  await new TelemetryStore(world.db, { clock: systemClock }).ensurePartitions(Date.now());
  await world.db.pool.query(
    `insert into point (ts, rev, number, series_id)
     select $1::timestamptz + i * interval '1 millisecond' * ${STEP_MS}, 1, i % 1000, $2 from generate_series(0, ${POINTS - 1}) i`,
    [first, Number(ids.seriesId.slice(4))],
  );
  await world.db.pool.query(
    `insert into series (device_id, signal) select $1, 'empty.' || i from generate_series(2, ${SERIES}) i`,
    [ids.deviceId],
  );
  await world.fastify.listen({ port: 0, host: '127.0.0.1' });
  port = (world.fastify.server.address() as AddressInfo).port;
}, 300_000);
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await world.close();
});

interface Asked {
  path: string;
  body?: object;
}

/** Asks over a real socket; the answer is not read. */
async function ask({ path, body }: Asked): Promise<IncomingMessage> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/x-ndjson',
    ...(body ? { 'content-type': 'application/json' } : {}),
  };
  const asked = request({ port, host: '127.0.0.1', path, method: body ? 'POST' : 'GET', headers, agent: false });
  asked.end(body ? JSON.stringify(body) : undefined);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(200);
  return answer;
}

const points = (count: number): Asked => ({
  path: `/v1/series/${ids.seriesId}/points?from=${first.toISOString()}&to=${after(count)}`,
});
const buckets = (): Asked => ({
  path: '/v1/telemetry:query',
  body: {
    selectors: [{ device: ids.deviceId }],
    from: first.toISOString(),
    to: after(BUCKETS * (1_000 / STEP_MS)),
    every: 'PT1S',
    fn: ['avg', 'count'],
    fill: '0',
  },
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are alive, whatever the collector has left lying about. */
function alive(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Reads to the end; the most that was alive meanwhile. */
async function drain(asked: Asked): Promise<{ lines: number; bytes: number; peak: number }> {
  const answer = await ask(asked);
  let [lines, bytes, peak, seen] = [0, 0, alive(), 0];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 0x0a) lines += 1;
    if (bytes - seen < 4_000_000) continue;
    seen = bytes;
    peak = Math.max(peak, alive());
  }
  expect(answer.complete).toBe(true);
  return { lines, bytes, peak };
}

/** Counts what is read from the database for streams, and which of them are over. */
function watchReading(beforePage: (page: number) => void = () => undefined) {
  const seen = { pages: 0, ended: 0 };
  async function* watched<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
    try {
      for await (const page of source) {
        seen.pages += 1;
        beforePage(seen.pages);
        yield page;
      }
    } finally {
      seen.ended += 1;
    }
  }
  const { telemetry } = world.house;
  const [stream, read] = [telemetry.streamPoints.bind(telemetry), telemetry.buckets.bind(telemetry)];
  jest.spyOn(telemetry, 'streamPoints').mockImplementation((...given) => watched(stream(...given)));
  jest.spyOn(telemetry, 'buckets').mockImplementation((...given) => watched(read(...given)));
  return seen;
}

/** Resolves once nothing more has been read for many looks. */
async function standstill(seen: { pages: number }): Promise<number> {
  let [last, same] = [-1, 0];
  await eventually(
    'reading stands still',
    () => {
      same = seen.pages === last && last > 0 ? same + 1 : 0;
      last = seen.pages;
      return same >= 40;
    },
    { timeoutMs: 100_000 },
  );
  return last;
}

describe('an answer of a million points', () => {
  it('takes no more memory than a small one', async () => {
    const small = await drain(points(20_000));
    expect(small.lines).toBe(20_000);
    const large = await drain(points(POINTS));
    expect(large.lines).toBe(POINTS);
    expect(large.bytes).toBeGreaterThan(40_000_000);
    // What the test itself keeps of an answer, to hold it against its description, is within.
    expect(large.peak - small.peak).toBeLessThan(large.bytes / 2);
  }, 300_000);
});

describe.each([
  ['raw points', () => points(POINTS / 2), POINTS / 2 / 5_000],
  ['buckets of many series', buckets, (BUCKETS * SERIES) / 10_000],
])('a stream of %s', (_what, asked, allPages) => {
  it('reads no further than its reader, and ends when the reader leaves', async () => {
    const seen = watchReading();
    const answer = await ask(asked());
    // Whatever fits into the buffers of two sockets is read ahead, and no more.
    const ahead = await standstill(seen);
    expect(ahead).toBeLessThan(allPages / 2);
    expect(seen.ended).toBe(0);
    answer.destroy();
    await eventually('the reading has ended', () => seen.ended === 1);
    expect(seen.pages).toBeLessThanOrEqual(ahead + 1);
    const { pool } = world.db;
    await eventually('every connection is free', () => pool.waitingCount === 0 && pool.idleCount === pool.totalCount);
  }, 300_000);

  it('goes on where a reader that paused goes on, and is whole', async () => {
    const seen = watchReading();
    const answer = await ask(asked());
    const ahead = await standstill(seen);
    answer.resume();
    await eventually('reading goes on', () => seen.pages > ahead);
    await once(answer, 'end');
    expect(answer.complete).toBe(true);
    expect(seen).toEqual({ pages: allPages, ended: 1 });
  }, 300_000);

  it('that fails on its way breaks off, and does not look whole', async () => {
    watchReading((page) => {
      if (page === 3) throw new Error('the database went away');
    });
    const answer = await ask(asked());
    answer.resume();
    await expect(once(answer, 'end')).rejects.toThrow();
    expect(answer.complete).toBe(false);
  }, 300_000);
});
