import { describe, expect, it } from '@jest/globals';
import type { TelemetryData } from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import { HeldLease } from '../leases/held-lease.ts';
import { MemoryPublisher } from '../testing/memory-publisher.ts';
import { ConfirmedMemory } from './confirmed-memory.ts';
import { ConnectionPublisher } from './connection-publisher.ts';

const CONNECTION = `con_${'b'.repeat(26)}`;

function setUp() {
  const clock = new ManualClock();
  const lease = new HeldLease({ connectionId: CONNECTION, epoch: 1, revFloor: 0n }, clock);
  lease.renewed(0, 60_000, lease.wantedFloor(60_000));
  const bus = new MemoryPublisher();
  const metrics = new Metrics('test');
  const publisher = new ConnectionPublisher({
    workspace: 'default',
    platform: 'acme',
    lease,
    publisher: bus,
    clock,
    log: silentLogger,
    metrics,
    memory: new ConfirmedMemory(1_000),
    failpoint: () => undefined,
  });
  const points = (...values: [signal: string, tsMs: number | undefined, value: unknown][]) =>
    publisher.points({
      device: 'd',
      origin: 'poll',
      points: values.map(([signal, tsMs, value]) => ({
        signal,
        value: value as number,
        ...(tsMs === undefined ? {} : { tsMs }),
      })),
    });
  const sent = () =>
    bus
      .named('telemetry.observed')
      .flatMap((event) => (event.data as { points: { value: unknown; ts: string }[] }).points);
  return { clock, lease, bus, metrics, publisher, points, sent };
}

describe('ConnectionPublisher', () => {
  it('sends a re-read once, a correction always, and only after the confirm counts it as sent', async () => {
    const { clock, bus, points, publisher, sent } = setUp();
    const now = clock.now();
    bus.holding = true;
    const first = points(['s', now, 1]);
    publisher.flush();
    const again = points(['s', now, 1]);
    publisher.flush();
    await clock.advance(20);
    bus.release();
    await Promise.all([first, again]);
    const count = sent().length;
    await points(['s', now, 1]);
    expect(sent()).toHaveLength(count);
    const corrected = points(['s', now, 2]);
    publisher.flush();
    await corrected;
    const back = points(['s', now, 1]);
    publisher.flush();
    await back;
    expect(
      sent()
        .slice(count)
        .map(({ value }) => value),
    ).toEqual([2, 1]);
    const revs = bus.named('telemetry.observed').map((event) => BigInt((event.data as { rev: string }).rev));
    expect(revs.every((rev, i) => i === 0 || rev > (revs[i - 1] ?? 0n))).toBe(true);
  });

  it('what a backfill reads takes nothing away from live data that comes later, and nothing twice from what came before', async () => {
    const { clock, bus, points, publisher } = setUp();
    const now = clock.now();
    const again = (ts: number, value: number) =>
      publisher.readAgain({ device: 'd', origin: 'backfill', points: [{ signal: 's', tsMs: ts, value }] });
    const all = Promise.all([again(now - 2, 1), again(now - 1, 2)]);
    publisher.flush();
    await all;
    for (const ts of [now - 1, now]) {
      const live = points(['s', ts, 2]);
      publisher.flush();
      await live;
    }
    await again(now, 2);
    const said = bus
      .named('telemetry.observed')
      .flatMap(({ origin, data }) => (data as TelemetryData).points.map(({ ts }) => [origin, Date.parse(ts) - now]));
    expect(said).toEqual([
      ['backfill', -2],
      ['backfill', -1],
      ['poll', -1],
      ['poll', 0],
    ]);
  });

  it('a correction that a backfill reads is not undone by what is remembered', async () => {
    const { clock, points, publisher, sent } = setUp();
    const now = clock.now();
    const say = async (said: Promise<void>) => {
      publisher.flush();
      await said;
    };
    await say(points(['s', now, 1]));
    await say(publisher.readAgain({ device: 'd', origin: 'backfill', points: [{ signal: 's', tsMs: now, value: 2 }] }));
    await say(points(['s', now, 1]));
    expect(sent().map(({ value }) => value)).toEqual([1, 2, 1]);
  });

  it('sets aside what cannot travel, and sends the rest', async () => {
    const { clock, publisher, points, sent } = setUp();
    const now = clock.now();
    const done = points(
      ['ok', now, 1],
      ['none', now, null],
      ['undefined', now, undefined],
      ['nan', now, Number.NaN],
      ['nested', now, { a: [Number.POSITIVE_INFINITY] }],
      ['date', now, new Date()],
      ['', now, 1],
      ['future', now + 25 * 3_600_000, 1],
      ['bad-time', Number.NaN, 1],
      ['huge', now, 'x'.repeat(70_000)],
      ['suspect', now + 3_600_000, 1],
    );
    publisher.flush();
    await done;
    expect(sent()).toHaveLength(2);
    expect(publisher.account.setAsideCount).toBe(9);
  });

  it('balances: received = published + suppressed + set aside', async () => {
    const { clock, metrics, publisher, points } = setUp();
    const now = clock.now();
    for (let round = 0; round < 3; round++) {
      const done = points(['a', now, 1], ['a', now, 1], ['b', now, round], ['c', now, null]);
      publisher.flush();
      await done;
    }
    const value = async (name: string) => {
      const found = await metrics.registry.getSingleMetric(`tributary_adapter_${name}`)?.get();
      return (found?.values ?? []).reduce((sum, v) => sum + v.value, 0);
    };
    const [received, published, suppressed, setAside] = await Promise.all(
      ['points_received_total', 'points_published_total', 'points_suppressed_total', 'set_aside_total'].map(value),
    );
    expect(received).toBe(12);
    expect((published ?? 0) + (suppressed ?? 0) + (setAside ?? 0)).toBe(received);
  });

  it('stamps a missing time once', async () => {
    const { clock, publisher, points, sent } = setUp();
    const stamp = new Date(clock.now()).toISOString();
    const done = points(['s', undefined, 1]);
    await clock.advance(15);
    await done;
    publisher.flush();
    expect(sent()[0]?.ts).toBe(stamp);
  });

  it('publishes nothing without the lease', async () => {
    const { clock, bus, points, publisher } = setUp();
    await clock.advance(60_000);
    const late = points(['s', clock.now(), 1]);
    publisher.flush();
    await expect(late).rejects.toThrow('run out');
    const event = publisher.connectionEvent('connected', {}, 0);
    await expect(publisher.send(event)).rejects.toThrow('run out');
    expect(bus.events).toHaveLength(0);
  });

  it('reports attributes when they change, removals too, in messages of bounded size', async () => {
    const { bus, publisher } = setUp();
    const report = (name: string, value?: string) => ({
      scope: 'client' as const,
      name,
      ...(value === undefined ? {} : { value }),
    });
    await publisher.attributes('d', [report('a', 'old'), report('a', '1'), report('b', '1')]);
    await publisher.attributes('d', [report('a', '1'), report('b')]);
    await publisher.attributes('d', [report('b')]);
    const sent = bus.named('attribute.reported').map((event) => (event.data as { attributes: object[] }).attributes);
    expect(sent).toEqual([[report('a', '1'), report('b', '1')], [report('b')]]);
    await publisher.attributes(
      'd',
      Array.from({ length: 9 }, (_, i) => report(`long-${i}`, 'x'.repeat(20_000))),
    );
    for (const event of bus.events) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(65_536);
    expect(bus.named('attribute.reported')).toHaveLength(7);
  });

  it('gives a platform event the same id whenever it is read', async () => {
    const [one, other] = [setUp(), setUp()];
    const event = { device: 'd', name: 'device.ping', tsMs: one.clock.now(), details: { a: 1 }, key: 'log-17' };
    await one.publisher.platformEvent(event);
    await one.publisher.platformEvent(event);
    await other.publisher.platformEvent(event);
    expect(one.bus.events).toHaveLength(1);
    expect(other.bus.events[0]?.id).toBe(one.bus.events[0]?.id);
    await one.publisher.platformEvent({ ...event, key: 'log-18' });
    expect(one.bus.events[1]?.id).not.toBe(one.bus.events[0]?.id);
  });

  it('announces a file when something about it changed', async () => {
    const { bus, publisher } = setUp();
    const file = { deviceNativeId: 'd', name: 'a/b.osf', location: 'device' as const };
    await publisher.file('listed', file);
    await publisher.file('listed', file);
    await publisher.file('listed', { ...file, location: 'both' });
    await publisher.file('available', { ...file, location: 'both' });
    expect(bus.events.map(({ type }) => type)).toEqual([
      'io.tributary.file.listed.v1',
      'io.tributary.file.listed.v1',
      'io.tributary.file.available.v1',
    ]);
  });

  it('numbers what it hands over, and the account learns of everything that was received, by its minute', async () => {
    const { clock, bus, points, publisher } = setUp();
    const nowMs = clock.now();
    const minuteMs = nowMs - (nowMs % 60_000);
    bus.holding = true;
    const held = points(['a', nowMs, 1], ['b', nowMs, 2], ['none', nowMs, null]);
    publisher.flush();
    expect(publisher.ledger.report(clock.now())?.entries).toMatchObject([
      { minuteMs, epoch: 1, received: 3, setAside: { 'no-value': 1 }, numbered: 2, confirmed: [], ended: false },
    ]);
    bus.release();
    await held;
    const again = points(['a', nowMs, 1], ['a', nowMs + 1, 1]);
    publisher.flush();
    await again;
    const messages = bus.named('telemetry.observed').map(({ time, data }) => {
      const { run, points: carried } = data as TelemetryData;
      return { time, first: run?.first, confirmed: run?.confirmed, points: carried.length };
    });
    const time = new Date(nowMs).toISOString();
    expect(messages).toEqual([
      { time, first: 0, confirmed: 0, points: 2 },
      { time, first: 2, confirmed: 2, points: 1 },
    ]);
    expect(publisher.ledger.report(clock.now())?.entries).toMatchObject([
      { received: 5, unchanged: 1, setAside: { 'no-value': 1 }, unacknowledged: 0, numbered: 3, confirmed: [[0, 3]] },
    ]);
  });

  it('what cannot be published because the connection is lost is given up, and said so', async () => {
    const { clock, lease, points, publisher } = setUp();
    const given = points(['a', clock.now(), 1]);
    lease.lose('taken over');
    publisher.flush();
    await expect(given).rejects.toThrow('taken over');
    publisher.forget();
    expect(publisher.ledger.report(clock.now())?.entries).toMatchObject([
      { received: 1, unacknowledged: 1, numbered: 0, ended: true },
    ]);
  });
});
