import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import type { DeviceSnapshot, Page } from '../../contract.ts';
import { HeldLease } from '../leases/held-lease.ts';
import type { DeviceDirectory } from '../ports.ts';
import { ConfirmedMemory } from '../publishing/confirmed-memory.ts';
import { ConnectionPublisher } from '../publishing/connection-publisher.ts';
import { MemoryPublisher } from '../testing/memory-publisher.ts';
import { DeviceInventory } from './device-inventory.ts';

const CONNECTION = `con_${'c'.repeat(26)}`;
const never = new AbortController().signal;
const device = (nativeId: string, name = nativeId): DeviceSnapshot => ({
  nativeId,
  name,
  spaces: [{ nativeId: 'hall', name: 'Hall', kind: 'location' }],
  properties: { a: 1 },
});

async function* sweepOf(...pages: (DeviceSnapshot[] | Error)[]): AsyncGenerator<Page<DeviceSnapshot>> {
  for (const page of pages) {
    if (page instanceof Error) throw page;
    yield { items: page };
  }
}

function setUp(known: Awaited<ReturnType<DeviceDirectory['known']>> = []) {
  const clock = new ManualClock();
  const lease = new HeldLease({ connectionId: CONNECTION, epoch: 1, revFloor: 0n }, clock);
  lease.renewed(0, 60_000, lease.wantedFloor(60_000));
  const bus = new MemoryPublisher();
  const publisher = new ConnectionPublisher({
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
  const inventory = new DeviceInventory({
    connectionId: CONNECTION,
    directory: { known: async () => known },
    publisher,
  });
  const said = () =>
    bus.events
      .splice(0)
      .map(({ type, data }) => `${type.split('.')[3]} ${(data as { nativeId: string }).nativeId}`)
      .sort();
  return { inventory, said, bus };
}

describe('DeviceInventory', () => {
  it('says what is new, what changed, what is gone, and nothing else', async () => {
    const { inventory, said } = setUp();
    await inventory.sweep(sweepOf([device('a'), device('b')], [device('c')]), never);
    expect(said()).toEqual(['discovered a', 'discovered b', 'discovered c']);
    await inventory.sweep(sweepOf([device('c'), device('a'), device('b', 'renamed')]), never);
    expect(said()).toEqual(['updated b']);
    await inventory.sweep(sweepOf([device('a')]), never);
    expect(said()).toEqual(['removed b', 'removed c']);
    expect(inventory.nativeIds()).toEqual(['a']);
  });

  it('says nothing is gone after a sweep that failed half-way', async () => {
    const { inventory, said } = setUp();
    await inventory.sweep(sweepOf([device('a'), device('b')]), never);
    said();
    await expect(inventory.sweep(sweepOf([device('a')], new UnavailableError('away')), never)).rejects.toThrow('away');
    expect(said()).toEqual([]);
    const stopped = new AbortController();
    const sweep = async function* () {
      yield { items: [device('a')] };
      stopped.abort(new Error('stopped'));
    };
    await expect(inventory.sweep(sweep(), stopped.signal)).rejects.toThrow('stopped');
    expect(said()).toEqual([]);
  });

  it('takes up what an earlier owner has published', async () => {
    const first = setUp();
    await first.inventory.sweep(sweepOf([device('a'), device('b'), device('c')]), never);
    const stored = first.bus.events.map(({ data }) => {
      const { rev: _rev, ...rest } = data as { rev: string } & Awaited<ReturnType<DeviceDirectory['known']>>[number];
      return rest;
    });
    const { inventory, said } = setUp(stored);
    await inventory.restore();
    expect(inventory.nativeIds()).toEqual(['a', 'b', 'c']);
    await inventory.sweep(sweepOf([device('a'), device('b', 'renamed')]), never);
    expect(said()).toEqual(['removed c', 'updated b']);
  });

  it('sets a device without an id aside and goes on', async () => {
    const { inventory, said } = setUp();
    await inventory.sweep(sweepOf([device(''), device('a')]), never);
    expect(said()).toEqual(['discovered a']);
  });
});
