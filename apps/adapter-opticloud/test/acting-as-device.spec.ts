import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PointValue } from '@tributary/adapter-kit';
import { OPTICLOUD_USERS } from '@tributary/simulators';
import { discover, never, type Rig, run, startRig } from './rig.ts';

let rig: Rig;
let device: string;

beforeAll(async () => {
  rig = await startRig({ devices: 2, producing: false, retentionMs: 0 });
  [device = ''] = await rig.discover();
});
afterAll(() => rig.stop());

const read = async (scope: string, name: string, adapter = rig.adapter) =>
  (await adapter.attributes?.read(device, never))?.find((found) => found.scope === scope && found.name === name)?.value;

describe('attributes', () => {
  it('writes shared and server ones as a user, client ones as the device', async () => {
    await rig.adapter.attributes?.write?.(device, 'shared', { mode: 'eco', limits: { max: 3 } }, never);
    await rig.adapter.attributes?.write?.(device, 'server', { note: 'ü' }, never);
    await rig.adapter.attributes?.write?.(device, 'client', { firmware: '1.2.3', ok: true }, never);
    expect(await read('shared', 'mode')).toBe('eco');
    expect(await read('shared', 'limits')).toEqual({ max: 3 });
    expect(await read('server', 'note')).toBe('ü');
    expect(await read('client', 'firmware')).toBe('1.2.3');
    expect(await read('client', 'ok')).toBe(true);
  });

  it('reports all at first, and afterwards what changes', async () => {
    const poll = rig.adapter.polls?.attributes;
    const first = await run(poll);
    expect(first.observations.length).toBeGreaterThan(0);
    await rig.adapter.attributes?.write?.(device, 'shared', { mode: 'boost' }, never);
    const second = await run(poll, first.checkpoint);
    const changes = second.observations.flatMap((found) => (found.type === 'attributes' ? found.attributes : []));
    expect(changes).toContainEqual(expect.objectContaining({ scope: 'shared', name: 'mode', value: 'boost' }));
  });

  it('refuses to remove one', async () => {
    const attempt = rig.adapter.attributes?.write?.(device, 'shared', { mode: null }, never);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('asks over MQTT, by name, where the instance does not answer over REST', async () => {
    await rig.adapter.attributes?.write?.(device, 'shared', { asked: 7 }, never);
    await rig.adapter.attributes?.write?.(device, 'client', { told: 'yes' }, never);
    const id = rig.simulator.faults.add(
      { kind: 'status', status: 404, body: 'Not Found' },
      { path: '*/values/attributes*' },
    );
    const named = rig.connect({ attributes: { clientNames: ['told'], sharedNames: ['asked', 'absent'] } });
    expect(await named.adapter.attributes?.read(device, never)).toEqual([
      { scope: 'client', name: 'told', value: 'yes' },
      { scope: 'shared', name: 'asked', value: 7 },
    ]);
    expect(named.adapter.limitations?.()).toEqual([expect.stringContaining('attributes')]);
    await expect(rig.adapter.attributes?.read(device, never)).rejects.toMatchObject({ code: 'unsupported' });
    rig.simulator.faults.clear(id);
  });

  it('hears shared attributes change, of the devices as which it may act', async () => {
    const { adapter } = rig.connect({ actAs: [device] });
    const stop = new AbortController();
    const items = adapter.stream?.open(stop.signal, '')[Symbol.asyncIterator]();
    const present = await items?.next();
    expect(present?.value).toMatchObject({ type: 'attributes', device });
    await rig.adapter.attributes?.write?.(device, 'shared', { heard: 'loud' }, never);
    const change = await items?.next();
    expect(change?.value).toMatchObject({ device, attributes: [{ scope: 'shared', name: 'heard', value: 'loud' }] });
    change?.value?.done?.();
    stop.abort();
    await items?.return?.();
  });
});

describe('telemetry write', () => {
  it('publishes with and without times, and the platform has it', async () => {
    const ts = Date.now() - 1000;
    const points: PointValue[] = [
      { signal: 'w.number', tsMs: ts, value: 1.5 },
      { signal: 'w.text', tsMs: ts, value: 'grün' },
      { signal: 'w.number', tsMs: ts + 1, value: 2.5 },
      { signal: 'w.json', value: { a: [1, 'x', null] } },
      { signal: 'w.flag', value: false },
    ];
    expect(await rig.adapter.telemetry?.write?.(device, points, never)).toBe(5);
    const held = [...rig.simulator.truth.points({ device })].filter(({ signal }) => signal.startsWith('w.'));
    expect(held.filter((point) => point.ts === ts || point.ts === ts + 1)).toHaveLength(3);
    expect(held.find(({ signal }) => signal === 'w.json')?.value).toEqual({ a: [1, 'x', null] });
  });

  it('is denied without the permission to see device credentials', async () => {
    const viewer = rig.connect({ tenant: undefined }, OPTICLOUD_USERS.viewer);
    await discover(viewer);
    const attempt = viewer.adapter.telemetry?.write?.(device, [{ signal: 's', value: 1 }], never);
    await expect(attempt).rejects.toMatchObject({ code: 'permission-denied' });
  });

  it('reads a changed token anew', async () => {
    await rig.adapter.telemetry?.write?.(device, [{ signal: 's', value: 1 }], never);
    await rig.simulator.actions.run('change-token', { device, token: 'another-token' });
    await expect(rig.adapter.telemetry?.write?.(device, [{ signal: 's', value: 2 }], never)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(await rig.adapter.telemetry?.write?.(device, [{ signal: 's', value: 2 }], never)).toBe(1);
  });
});
