import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { IngestRig, START_MS, untilEqual } from './ingest-rig.ts';

describe('messages that do not fit', () => {
  let rig: IngestRig;
  beforeEach(async () => {
    rig = await IngestRig.make();
  }, 30_000);
  afterEach(() => rig.remove(), 30_000);

  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const reasons = async (): Promise<Record<string, number>> => {
    const { rows } = await rig.db.pool.query<{ reason: string; n: number }>(
      'select reason, count(*)::int as n from parked_message group by reason',
    );
    return Object.fromEntries(rows.map(({ reason, n }) => [reason, n]));
  };

  it('of eight kinds are parked with their reason, and all neighbours are stored', async () => {
    const ingest = await rig.start();
    const good = (i: number) => rig.series(`n${i % 5}`, 10, Math.floor(i / 5) * 10);
    const broken = (change: (event: ReturnType<typeof good>) => unknown) => json(change(good(10_000)));
    const value = (text: string) =>
      Buffer.from(
        JSON.stringify(rig.telemetry('p', [{ signal: 's', ts: '2026-03-29T00:00:00Z', value: 'HERE' }])).replace(
          '"HERE"',
          text,
        ),
      );
    const poison: Buffer[] = [
      Buffer.from('{"specversion":'),
      broken((event) => ({ ...event, specversion: '2.0' })),
      value('1e999'),
      Buffer.concat([json(good(10_001)), Buffer.alloc(1_100_000, 32)]),
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
      broken((event) => ({ ...event, time: 'yesterday' })),
      value(`${'['.repeat(50_000)}${']'.repeat(50_000)}`),
      value('"a\\u0000b"'),
    ];
    const bodies = Array.from({ length: 800 }, (_, i) => ({
      body: i % 100 === 50 ? (poison[Math.floor(i / 100)] as Buffer) : json(good(i)),
    }));
    await rig.publishRaw(
      '',
      bodies.map(({ body }) => ({ body, routingKey: `default.telemetry.observed.acme.${rig.connectionId}.x` })),
    );
    await untilEqual('points', rig.points, 792 * 10);
    await untilEqual('parked', () => rig.count('parked_message'), 8);
    expect(await reasons()).toEqual({ json: 1, schema: 4, oversize: 1, encoding: 1, 'refused-by-database': 1 });
    await untilEqual('in flight', () => ingest.metric('ingest_in_flight_points'), 0);
    await ingest.stop();
    expect(await rig.backlog(rig.names.ingestTelemetry)).toBe(0);
  }, 60_000);

  it('partly: the good points are stored, the message is parked with the list of the others', async () => {
    const ingest = await rig.start();
    const at = (i: number) => new Date(START_MS + i * 1_000).toISOString();
    const future = new Date(Date.now() + 3 * 86_400_000).toISOString();
    await rig.publish(
      rig.telemetry('n1', [
        { signal: 'a', ts: at(0), value: 1 },
        { signal: 'b', ts: at(0), value: null as never },
        { signal: 'c', ts: at(0), value: 3 },
      ]),
    );
    await rig.publish(
      rig.telemetry('n1', [
        { signal: 'a', ts: at(1), value: 1 },
        { signal: 'a', ts: future, value: 1 },
      ]),
    );
    await untilEqual('points', rig.points, 3);
    await untilEqual('parked', () => rig.count('parked_message'), 2);
    const { rows } = await rig.db.pool.query('select reason, problems from parked_message order by reason');
    expect(rows).toMatchObject([
      { reason: 'out-of-time', problems: [{ path: '/data/points/1' }] },
      { reason: 'schema', problems: [{ path: '/data/points/1/value' }] },
    ]);
    await untilEqual('in flight', () => ingest.metric('ingest_in_flight_points'), 0);
    expect(await ingest.metric('ingest_points_total', { outcome: 'parked' })).toBe(2);
  }, 60_000);

  it('may not speak for another workspace than the one they were published under', async () => {
    await rig.start();
    const body = json(rig.series('n1', 1));
    await rig.publishRaw('', [{ body, routingKey: `other.telemetry.observed.acme.${rig.connectionId}.x` }]);
    await eventually('parked', async () => (await reasons()).mismatch === 1);
    expect(await rig.points()).toBe(0);
  }, 60_000);

  it('of a connection that does not exist are dropped by name, and hold up nobody', async () => {
    const ingest = await rig.start();
    const known = rig.connectionId;
    rig.connectionId = `con_${'a'.repeat(26)}`;
    await rig.publish(rig.series('n1', 5));
    rig.connectionId = known;
    await rig.publish(rig.series('n1', 5));
    await untilEqual('points', rig.points, 5);
    await untilEqual('dropped', () => ingest.metric('ingest_points_total', { outcome: 'unknown-connection' }), 5);
    expect(await rig.count('parked_message')).toBe(0);
  }, 60_000);

  it('too many of them stop the intake', async () => {
    const ingest = await rig.start({ PARKING_LIMIT_PER_MINUTE: '30' });
    const bodies = Array.from({ length: 100 }, (_, i) => ({ body: Buffer.from(`{${i}`) }));
    await rig.publishRaw(rig.names.ingestTelemetry, bodies);
    await eventually('unready', () => ingest.health.readiness().checks.parking?.ready === false);
    expect(await rig.count('parked_message')).toBeLessThanOrEqual(30);
    await ingest.stop();
    expect(await rig.backlog(rig.names.ingestTelemetry)).toBeGreaterThanOrEqual(70);
  }, 60_000);

  it('are replayed once the cause is mended, and twice is as good as once', async () => {
    await rig.start();
    await rig.db.pool.query(`alter table series_latest add constraint spoiled check (number <> 7)`);
    await rig.publish(rig.series('n1', 7));
    await untilEqual('points', rig.points, 7);
    await rig.publish(rig.series('n1', 1, 7));
    await untilEqual('parked', () => rig.count(`parked_message where state = 'parked'`), 1);
    const { rows } = await rig.db.pool.query<{ id: string }>('select id from parked_message');
    const ask = () =>
      rig.publisher.send(rig.names.ingestReplays, { parkedId: rows[0]?.id }, { messageId: String(Math.random()) });
    await ask();
    await untilEqual('requests', () => rig.backlog(rig.names.ingestReplays), 0);
    expect(await rig.count(`parked_message where state = 'parked'`)).toBe(1);
    await rig.db.pool.query('alter table series_latest drop constraint spoiled');
    await ask();
    await ask();
    await untilEqual('replayed', () => rig.count(`parked_message where state = 'replayed'`), 1);
    expect(await rig.points()).toBe(8);
  }, 60_000);
});
