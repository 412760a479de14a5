import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REV_TIME_SHIFT, type Via } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import { commitPoints, publishPoints } from './world/points.ts';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

const VIA: Via = {
  adapter: 'adapter-acme 0.1.0 0123456789ab',
  mapping: 'ba9876543210',
  calls: [
    {
      operation: 'ACME-04',
      method: 'GET',
      address: 'https://acme.example/values?from=1&token=***',
      status: 200,
      at: '2026-03-29T01:00:00.000Z',
      ms: 12,
      bytes: 34,
      digest: 'A1b2C3d4E5f6G7h8',
    },
  ],
};
const HOUR_MS = 3_600_000;
const tsOf = (n: number) => new Date(Date.UTC(2026, 2, 29) + n * 1_000).toISOString();

let world: World;
let ids: Seeded;
let ask: (url: string) => Promise<{ status: number; body: Record<string, unknown> }>;

beforeAll(async () => {
  world = await makeWorld();
  ids = await seed(world, 'default');
  const call = caller(world, await world.key('default'));
  ask = async (url) => {
    const answer = await call('GET', url);
    return { status: answer.statusCode, body: answer.json() };
  };
});
afterAll(async () => {
  await world.close();
});

const point = (n: number, value: number) => ({ signal: 'power', ts: tsOf(n), value });
const ofEvent = (eventId: string) => ask(`/v1/events/${eventId}/lineage`);
const ofValue = (n: number, query = '') => ask(`/v1/series/${ids.seriesId}/points/${tsOf(n)}/lineage${query}`);

describe('the lineage of an event', () => {
  it('tells what brought it, when, and what became of each point', async () => {
    const before = await publishPoints(world, 'default', ids, [point(1, 1), point(2, 1)]);
    const asked = await publishPoints(world, 'default', ids, [point(1, 2), point(2, 2), point(3, 2), point(4, 2)], {
      via: VIA,
    });
    const after = await publishPoints(world, 'default', ids, [point(3, 3), point(4, 2)]);
    const { status, body } = await ofEvent(asked.eventId);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      eventId: asked.eventId,
      complete: true,
      gone: [],
      event: { type: 'io.tributary.telemetry.observed.v1', rev: asked.rev, deviceId: ids.deviceId, origin: 'poll' },
      traceId: '0af7651916cd43dd8448eb211c80319c',
      via: VIA,
      times: { observed: { from: tsOf(1), to: tsOf(4) }, requested: '2026-03-29T01:00:00.000Z' },
      points: [
        { seriesId: ids.seriesId, ts: tsOf(1), state: 'corrected', replaced: [{ rev: before.rev, value: 1 }] },
        { ts: tsOf(2), state: 'corrected', replaced: [{ rev: before.rev, value: 1 }] },
        { ts: tsOf(3), state: 'superseded', supersededBy: { rev: after.rev, value: 3 } },
        { ts: tsOf(4), state: 'duplicate', standsBy: after.rev },
      ],
      parked: [],
      deliveries: [],
    });
    const { received, published, sealed, committed } = body.times as Record<string, string>;
    const times = [received, sealed, committed].map((time) => Date.parse(time as string));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(Math.abs(Date.parse(published as string) - (times[0] as number))).toBeLessThan(60_000);
  });

  it('names deliveries and parked messages of it', async () => {
    const { eventId } = await publishPoints(world, 'default', ids, [point(10, 1)], { via: VIA, stored: false });
    await world.db.pool.query(
      `update delivery set event_ids = $2, state = 'delivered', attempt_count = 2, finished_at = now(), attempts = $3 where id = $1`,
      [
        ids.deliveryId,
        [newEventId(), eventId],
        JSON.stringify([
          { number: 1, outcome: 'refused', status: 500, latencyMs: 9 },
          { number: 2, outcome: 'delivered', status: 204, latencyMs: 7 },
        ]),
      ],
    );
    await world.db.pool.query('update parked_message set event_id = $2 where id = $1', [ids.parkedId, eventId]);
    const { body } = await ofEvent(eventId);
    expect(body).toMatchObject({
      complete: true,
      points: [{ state: 'absent', replaced: [] }],
      parked: [{ id: ids.parkedId, reason: 'schema', state: 'parked' }],
      deliveries: [
        {
          id: ids.deliveryId,
          subscriptionId: ids.subscriptionId,
          state: 'delivered',
          attempts: 2,
          status: 204,
          durationMs: 7,
        },
      ],
    });
  });

  it('says what is not told, and what is no longer kept', async () => {
    const { eventId } = await publishPoints(world, 'default', ids, [point(11, 1)]);
    expect((await ofEvent(eventId)).body).toMatchObject({
      complete: false,
      gone: [{ what: 'via' }],
      points: [{ state: 'stored' }],
    });
    // Made before anything was in the log: it may have been there once.
    const old = newEventId().replace(
      /^.{13}/,
      (Date.now() - HOUR_MS)
        .toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-'),
    );
    expect(await ofEvent(old)).toMatchObject({
      status: 200,
      body: { eventId: old, complete: false, gone: [{ what: 'log' }, { what: 'series' }], points: [] },
    });
  });

  it('is that of no other event, and of no other workspace', async () => {
    const { eventId } = await publishPoints(world, 'default', ids, [point(12, 1)]);
    expect((await ofEvent(newEventId())).status).toBe(404);
    expect((await ofEvent('c9a63a2f-8a3c-4d3b-9a51-0c4c2c0f9f0e')).status).toBe(404);
    expect((await ofEvent('no-id')).status).toBe(400);
    const stranger = caller(world, await world.key('other'));
    expect((await stranger('GET', `/v1/events/${eventId}/lineage`)).statusCode).toBe(404);
    expect((await stranger('GET', `/v1/series/${ids.seriesId}/points/${tsOf(12)}/lineage`)).statusCode).toBe(404);
  });
});

describe('the lineage of a stored value', () => {
  it('leads to the event by which it stands, or by which a revision was given', async () => {
    const first = await publishPoints(world, 'default', ids, [point(20, 1), point(21, 1)], { via: VIA });
    const second = await publishPoints(world, 'default', ids, [point(20, 2)], { via: VIA });
    const now = await ofValue(20);
    expect(now.body).toMatchObject({
      eventId: second.eventId,
      complete: true,
      points: [{ ts: tsOf(20), value: 2, state: 'corrected', replaced: [{ rev: first.rev, value: 1 }] }],
      times: { sealed: expect.any(String), committed: expect.any(String) },
    });
    const then = await ofValue(20, `?rev=${first.rev}`);
    expect(then.body).toMatchObject({
      eventId: first.eventId,
      points: [{ ts: tsOf(20), value: 1, state: 'superseded', supersededBy: { rev: second.rev, value: 2 } }],
    });
    expect((await ofValue(20, '?rev=17')).status).toBe(404);
    expect((await ofValue(999)).status).toBe(404);
  });

  it('is what the rows say, once the log no longer has the event', async () => {
    const rev = String(((BigInt(Date.now()) - BigInt(HOUR_MS)) << REV_TIME_SHIFT) + 7n);
    await commitPoints(world, ids, { rev, points: [['power', Date.parse(tsOf(30)), 4]] });
    const { status, body } = await ofValue(30);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      complete: false,
      gone: [{ what: 'log' }],
      points: [{ value: 4, rev, state: 'stored' }],
    });
    expect(body).toMatchObject({ points: [{ committedAt: expect.any(String) }] });
    expect(body).not.toHaveProperty('eventId');
    await world.db.pool.query('delete from telemetry_commit');
    expect((await ofValue(30)).body).toMatchObject({ gone: [{ what: 'log' }, { what: 'commit' }] });
  });
});
