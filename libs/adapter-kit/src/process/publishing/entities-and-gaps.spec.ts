import { describe, expect, it } from '@jest/globals';
import { type EntityData, entityId, eventNameOf, type PlatformEventData, spaceId } from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import type { EntityReport, GapReport } from '../../contract.ts';
import { HeldLease } from '../leases/held-lease.ts';
import { MemoryPublisher } from '../testing/memory-publisher.ts';
import { ConfirmedMemory } from './confirmed-memory.ts';
import { ConnectionPublisher } from './connection-publisher.ts';

const CONNECTION = `con_${'b'.repeat(26)}`;

/** Each owner is another process, or the same after a restart; the bus and the clock are one. */
function setUp() {
  const clock = new ManualClock();
  const bus = new MemoryPublisher();
  let floor = 0n;
  let epoch = 0;
  const owner = () => {
    epoch += 1;
    const lease = new HeldLease({ connectionId: CONNECTION, epoch, revFloor: floor }, clock);
    floor = lease.wantedFloor(60_000);
    lease.renewed(clock.monotonicMs(), 60_000, floor);
    return new ConnectionPublisher({
      workspace: 'default',
      platform: 'acme',
      lease,
      publisher: bus,
      clock,
      log: silentLogger,
      metrics: new Metrics('test'),
      memory: new ConfirmedMemory(1_000),
      failpoint: () => undefined,
    });
  };
  const entities = () =>
    bus.events
      .filter(({ type }) => eventNameOf(type)?.startsWith('entity.'))
      .map((event) => ({ name: eventNameOf(event.type), subject: event.subject, data: event.data as EntityData }));
  return { clock, bus, owner, entities };
}

const valve = (attributes: EntityReport['attributes'] = {}): EntityReport => ({
  entityType: 'Valve',
  nativeId: 'v1',
  name: 'Main valve',
  attributes,
});

describe('a record that was made, changed or is gone', () => {
  it('is told of under one id, with revs that grow in the order of what was seen', async () => {
    const { owner, entities } = setUp();
    const publisher = owner();
    await Promise.all([
      publisher.observe({ type: 'entity', change: 'created', entity: valve({ open: false }) }),
      publisher.observe({ type: 'entity', change: 'updated', entity: valve({ open: true }) }),
      publisher.observe({ type: 'entity', change: 'removed', entity: { ...valve(), attributes: {} } }),
    ]);
    expect(entities().map(({ name }) => name)).toEqual(['entity.created', 'entity.updated', 'entity.removed']);
    const id = entityId(CONNECTION, 'Valve', 'v1');
    expect(entities().map(({ subject }) => subject)).toEqual([id, id, id]);
    const revs = entities().map(({ data }) => BigInt(data.rev));
    expect(revs).toEqual(revs.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(revs).size).toBe(3);
    expect(entities()[1]?.data).toMatchObject({
      entityType: 'Valve',
      nativeId: 'v1',
      name: 'Main valve',
      attributes: { open: true },
    });
  });

  it('is not told of again when nothing changed, and is when it comes back as it was', async () => {
    const { owner, entities } = setUp();
    const publisher = owner();
    const say = (change: 'created' | 'updated' | 'removed', attributes: EntityReport['attributes'] = {}) =>
      publisher.observe({ type: 'entity', change, entity: valve(attributes) });
    await say('created', { a: 1, b: 2 });
    await say('created', { b: 2, a: 1 });
    await say('updated', { a: 2 });
    await say('updated', { a: 2 });
    await say('removed');
    await say('created', { a: 1, b: 2 });
    expect(entities().map(({ name }) => name)).toEqual([
      'entity.created',
      'entity.updated',
      'entity.removed',
      'entity.created',
    ]);
  });

  it('of the same native id and another type is another', async () => {
    const { owner, entities } = setUp();
    const publisher = owner();
    await publisher.entity('created', valve());
    await publisher.entity('created', { ...valve(), entityType: 'Pump' });
    expect(new Set(entities().map(({ subject }) => subject)).size).toBe(2);
  });

  it('is told by the next owner with a greater rev', async () => {
    const { owner, entities } = setUp();
    await owner().entity('updated', valve({ a: 1 }));
    await owner().entity('updated', valve({ a: 1 }));
    const [first, second] = entities().map(({ data }) => BigInt(data.rev));
    expect(second).toBeGreaterThan(first ?? 0n);
  });

  it('is tried again when it was not confirmed', async () => {
    const { bus, owner, entities } = setUp();
    const publisher = owner();
    bus.holding = true;
    const unconfirmed = publisher.entity('created', valve());
    const again = publisher.entity('created', valve());
    bus.release();
    await Promise.all([unconfirmed, again]);
    expect(entities()).toHaveLength(2);
    await publisher.entity('created', valve());
    expect(entities()).toHaveLength(2);
  });

  it('is set aside when it cannot be told of, and does no harm to the next', async () => {
    const { owner, entities } = setUp();
    const publisher = owner();
    await publisher.entity('created', { ...valve(), nativeId: '' });
    await publisher.entity('created', { ...valve(), entityType: '' });
    await publisher.entity('created', valve({ bad: undefined as never, worse: Number.NaN }));
    expect(publisher.account.setAsideCount).toBe(3);
    await publisher.entity('created', valve());
    expect(entities()).toHaveLength(1);
  });
});

describe('a gap', () => {
  const gap = (clock: ManualClock, more: Partial<GapReport> = {}): GapReport => ({
    device: 'd',
    fromMs: clock.now() - 60_000,
    toMs: clock.now() - 30_000,
    reason: 'kept for a day only',
    ...more,
  });
  const gapsOf = (bus: MemoryPublisher) =>
    bus.named('platform-event.observed').map((event) => ({ id: event.id, data: event.data as PlatformEventData }));

  it('is told once, and after a restart again under the same id', async () => {
    const { clock, bus, owner } = setUp();
    const missed = gap(clock, { filledWith: 'aggregates' });
    const publisher = owner();
    await publisher.observe({ type: 'gap', gap: missed });
    await publisher.observe({ type: 'gap', gap: { ...missed, reason: 'in other words' } });
    expect(gapsOf(bus)).toHaveLength(1);
    await clock.advance(5_000);
    await owner().gap(missed);
    const [first, second] = gapsOf(bus);
    expect(second?.id).toBe(first?.id);
    expect(second?.data).toEqual(first?.data);
    expect(first?.data).toMatchObject({
      name: 'telemetry.gap',
      nativeId: 'd',
      ts: new Date(missed.fromMs).toISOString(),
      details: {
        from: new Date(missed.fromMs).toISOString(),
        to: new Date(missed.toMs).toISOString(),
        reason: 'kept for a day only',
        filledWith: 'aggregates',
      },
    });
  });

  it('of another device, signal or time is another', async () => {
    const { clock, bus, owner } = setUp();
    const publisher = owner();
    const one = gap(clock);
    const everyDevice = { fromMs: one.fromMs, toMs: one.toMs, reason: one.reason };
    const others = [{ ...one, device: 'e' }, { ...one, signal: 's' }, { ...one, toMs: one.toMs + 1 }, everyDevice];
    for (const each of [one, ...others]) await publisher.gap(each);
    const gaps = gapsOf(bus);
    expect(new Set(gaps.map(({ id }) => id)).size).toBe(5);
    expect(gaps.at(-1)?.data.deviceId).toBeUndefined();
  });

  it('of a space names it, as others know it and as the platform does', async () => {
    const { clock, bus, owner } = setUp();
    await owner().gap({ space: 'floor 1', fromMs: clock.now() - 2, toMs: clock.now() - 1, reason: 'lost' });
    const space = spaceId(CONNECTION, 'floor 1');
    expect(gapsOf(bus)[0]?.data.details).toMatchObject({ space, spaceNativeId: 'floor 1' });
  });

  it('without an extent, or with a time that is none, is set aside', async () => {
    const { clock, bus, owner } = setUp();
    const publisher = owner();
    await publisher.gap(gap(clock, { toMs: clock.now() - 60_000 }));
    await publisher.gap(gap(clock, { fromMs: Number.NaN }));
    expect(gapsOf(bus)).toEqual([]);
    expect(publisher.account.setAsideCount).toBe(2);
  });
});
