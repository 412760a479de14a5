import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Adapter, Checkpoint, Command } from '@tributary/adapter-kit';
import type { FileInfo } from '@tributary/contracts';
import { OPTICLOUD_USERS } from '@tributary/simulators';
import { collect, discover, never, type Rig, run, startRig } from './rig.ts';

let rig: Rig;
let device: string;

beforeAll(async () => {
  rig = await startRig({ devices: 2, producing: false, retentionMs: 0 }, { pageSize: 10 });
  [device = ''] = await rig.discover();
});
afterAll(() => rig.stop());

const act = (name: string, input: Record<string, unknown>) => rig.simulator.actions.run(name, { device, ...input });
const HOUR = 3_600_000;

describe('communication log', () => {
  it('turns entries into platform events, each with a key of its own', async () => {
    await act('call-in', { request: 'PING' });
    await act('call-in', { request: 'ATTN' });
    const first = await run(rig.adapter.polls?.communication);
    const events = first.observations.flatMap((found) => (found.type === 'platform-event' ? [found.event] : []));
    expect(events.map(({ name }) => name)).toEqual(expect.arrayContaining(['device.ping', 'device.attention']));
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);

    await act('call-in', { request: 'PING' });
    const second = await run(rig.adapter.polls?.communication, first.checkpoint);
    const again = second.observations.flatMap((found) => (found.type === 'platform-event' ? [found.event] : []));
    const fresh = again.filter(({ key }) => !events.some((event) => event.key === key));
    expect(fresh.map(({ name }) => name)).toContain('device.ping');
  });
});

describe('presence', () => {
  it('is told when a device has not been heard of for long', async () => {
    const { adapter, access } = rig.connect({ communication: { offlineAfter: '1ms' } });
    access.rememberDevices([device]);
    await run(adapter.polls?.telemetry);
    const { observations } = await run(adapter.polls?.communication);
    const names = observations.flatMap((found) => (found.type === 'platform-event' ? [found.event.name] : []));
    expect(names).toContain('device.offline');
  });
});

describe('list-files', () => {
  const command = (id: string): Command => ({
    id,
    device,
    name: 'list-files',
    params: { from: new Date(Date.now() - HOUR).toISOString(), to: new Date().toISOString() },
    expiresAtMs: Date.now() + HOUR,
  });
  const follow = (order: Command, reference = {}) => rig.adapter.commands?.follow?.(order, reference, never);

  it('is queued and no more until the device has called in; then its list confirms it', async () => {
    const order = command('cmd_1');
    const receipt = await rig.adapter.commands?.execute(order, never);
    expect(receipt?.state).toBe('queued');
    expect(await follow(order, receipt?.reference)).toBeUndefined();
    await act('call-in', {});
    const done = await follow(order, receipt?.reference);
    expect(done?.state).toBe('confirmed');
    expect(done?.evidence).toMatchObject({ kind: 'platform-log', data: { type: 'RETURN_LIST' } });
  });

  it('does not take the list of an earlier order for its own', async () => {
    const orders = [command('cmd_2'), command('cmd_3')];
    const receipts = [];
    for (const order of orders) receipts.push(await rig.adapter.commands?.execute(order, never));
    expect(receipts[1]?.reference).toMatchObject({ ahead: 1 });
  });

  it.each([
    [{ from: '2026-01-01T00:00:00Z' }, 'to'],
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'before'],
    [{ from: 'yesterday', to: '2026-01-01T00:00:00Z' }, 'from'],
    [{ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', extra: 1 }, 'extra'],
  ])('refuses %j before anything is sent', async (params, word) => {
    const before = rig.simulator.journal.count({ operation: 'OPTI-13' });
    const attempt = rig.adapter.commands?.execute({ ...command('cmd_9'), params }, never);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringContaining(word) });
    expect(rig.simulator.journal.count({ operation: 'OPTI-13' })).toBe(before);
  });
});

describe('files', () => {
  const startMs = Math.floor(Date.now() / 1000) * 1000 - 20 * 60_000;
  const list = (adapter = rig.adapter, limit = 100): Promise<FileInfo[]> =>
    collect(adapter.files?.list?.({ device, fromMs: startMs - HOUR, toMs: startMs + HOUR, limit }, never) ?? []);
  const add = async (place: string, minute: number) => {
    const times = { startMs: startMs + minute * 60_000, endMs: startMs + minute * 60_000 + 30_000 };
    return ((await act('add-file', { place, ...times })) as { name: string }).name;
  };

  it('tells where each file is, from both listings', async () => {
    const both = await add('both', 1);
    const listed = await add('listed', 2);
    const requested = await add('requested', 3);
    const server = await add('server', 4);
    const files = new Map((await list()).map((file) => [file.name, file]));
    expect(files.get(both)).toMatchObject({ location: 'both', sizeBytes: expect.any(Number) });
    expect(files.get(listed)).toMatchObject({ location: 'device' });
    expect(files.get(requested)).toMatchObject({ location: 'requested' });
    expect(files.get(server)).toMatchObject({ location: 'platform' });
    expect((await list(rig.adapter, 1)).length).toBe(1);
  });

  it('works without the permission to see device credentials, and says what is missing', async () => {
    const viewer = rig.connect({ tenant: undefined }, OPTICLOUD_USERS.viewer);
    await discover(viewer);
    const files = await list(viewer.adapter);
    expect(files.length).toBeGreaterThan(0);
    expect(new Set(files.map(({ location }) => location))).toEqual(new Set(['platform']));
    expect(viewer.adapter.limitations?.()).toEqual([expect.stringContaining('device credentials')]);
  });

  it('downloads one file as it is and several as a ZIP', async () => {
    const names = [await add('both', 5), await add('both', 6), await add('both', 7)];
    const one = await rig.adapter.files?.open?.(device, names.slice(0, 1), never);
    expect(one).toMatchObject({ mediaType: 'application/gzip', fileName: names[0]?.split('/').at(-1) });
    const bytes = Buffer.concat(await collect(one?.bytes ?? []));
    expect(bytes.subarray(0, 2).toString('hex')).toBe('1f8b');
    const several = await rig.adapter.files?.open?.(device, names, never);
    expect(several).toMatchObject({ mediaType: 'application/zip', fileName: 'files.zip' });
    const zip = Buffer.concat(await collect(several?.bytes ?? []));
    expect(zip.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
  });

  it('says that a name is unknown', async () => {
    await expect(rig.adapter.files?.open?.(device, ['no/such.osfz'], never)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('OPTI-05 OPTI-07 tells of a file when it appears and when its bytes have moved, and not again', async () => {
    const name = await add('listed', 11);
    const connect = () => {
      const { adapter, access } = rig.connect({});
      access.rememberDevices([device]);
      return adapter;
    };
    const states = async (adapter: Adapter, from?: Checkpoint) => {
      const { observations, checkpoint } = await run(adapter.polls?.catalogue, from);
      const files = observations.filter((found) => found.type === 'file');
      return { found: files.filter((one) => one.file.name === name), files, checkpoint };
    };
    const adapter = connect();
    const first = await states(adapter);
    expect(first.found.map((one) => [one.change, one.file.location])).toEqual([['listed', 'device']]);
    const second = await states(adapter, first.checkpoint);
    expect(second.files).toEqual([]);
    await act('request-file', { name });
    await act('call-in', {});
    // Another replica: this one leaves a device without news alone for a while.
    const third = await states(connect(), second.checkpoint);
    expect(third.found.map((one) => one.file.location)).toEqual([expect.stringMatching(/requested|both/)]);
  });

  it('imports each measurement file once, every sample of it', async () => {
    const { adapter, access } = rig.connect({ importFiles: { firstLook: '2h', lookBack: '2h' } });
    access.rememberDevices([device]);
    const name = await add('both', 10);
    const samples = (await act('file-samples', { name })) as unknown[];
    const first = await run(adapter.polls?.files);
    const listed = first.observations.flatMap((found) => (found.type === 'file' ? [found.file.name] : []));
    expect(listed).toContain(name);
    const points = first.observations.flatMap((found) => (found.type === 'points' ? found.points : []));
    const within = points.filter(({ tsMs = 0 }) => tsMs >= startMs + 600_000 && tsMs <= startMs + 630_000);
    expect(samples.length).toBeGreaterThan(0);
    expect(within.length).toBe(samples.length);

    const second = await run(adapter.polls?.files, first.checkpoint);
    expect(second.observations).toEqual([]);
  });
});
