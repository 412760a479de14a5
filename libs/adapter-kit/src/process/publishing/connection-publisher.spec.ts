import { describe, expect, it } from '@jest/globals';
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
    await expect(publisher.connection('connected', {})).rejects.toThrow('run out');
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
});
