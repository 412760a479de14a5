import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPTICLOUD_TENANTS, OPTICLOUD_USERS } from '@tributary/simulators';
import { collect, discover, never, pointsBy, type Rig, run, startRig } from './rig.ts';

let rig: Rig;
let devices: string[];

beforeAll(async () => {
  rig = await startRig({ devices: 23, producing: false, retentionMs: 0 }, { pageSize: 10 });
  devices = await rig.discover();
});
afterAll(() => rig.stop());

const truth = (filter = {}) =>
  new Map(
    [...rig.simulator.truth.points(filter)]
      .filter((point) => devices.includes(point.device))
      // JSON writes minus nought as nought.
      .map(({ device, signal, ts, value }) => [`${device}|${signal}|${ts}`, Object.is(value, -0) ? 0 : value]),
  );

describe('log-in and tenants', () => {
  it('probes with the tenant that was named', async () => {
    await rig.adapter.probe(never);
  });

  it('needs no tenant for a user who has one', async () => {
    const { adapter } = rig.connect({ tenant: undefined }, OPTICLOUD_USERS.single);
    await adapter.probe(never);
  });

  it('asks for a choice where a user has several, and names none', async () => {
    const { adapter } = rig.connect({ tenant: undefined });
    await expect(adapter.probe(never)).rejects.toMatchObject({
      code: 'authentication',
      message: expect.stringContaining('2 tenants'),
    });
    await expect(adapter.probe(never)).rejects.not.toThrow(OPTICLOUD_TENANTS.main);
  });

  it('compares tenant names exactly', async () => {
    const { adapter } = rig.connect({ tenant: OPTICLOUD_TENANTS.main.toLowerCase() });
    await expect(adapter.probe(never)).rejects.toMatchObject({ code: 'authentication' });
  });

  it('says that a wrong password was refused', async () => {
    const { adapter } = rig.connect({}, { ...OPTICLOUD_USERS.single, password: 'wrong' });
    await expect(adapter.probe(never)).rejects.toMatchObject({ code: 'authentication', platformStatus: 401 });
  });

  it('goes on with the refresh token when the token has expired, without logging in again', async () => {
    const own = await startRig();
    try {
      await own.adapter.probe(never);
      own.simulator.faults.add({ kind: 'expire-tokens' });
      await own.adapter.probe(never);
      const paths = own.simulator.journal.entries().map((entry) => entry.path);
      expect(paths.filter((path) => path === '/api/auth/token')).toHaveLength(1);
      expect(paths.filter((path) => path === '/api/auth/login')).toHaveLength(1);
    } finally {
      await own.stop();
    }
  });

  it('logs in again when the refresh token is refused too', async () => {
    const own = await startRig();
    try {
      await own.adapter.probe(never);
      own.simulator.faults.add({ kind: 'status', status: 401 }, { path: '/api/auth/token' });
      own.simulator.faults.add({ kind: 'expire-tokens' });
      await own.adapter.probe(never);
      const paths = own.simulator.journal.entries().map((entry) => entry.path);
      expect(paths.filter((path) => path === '/api/auth/login')).toHaveLength(2);
    } finally {
      await own.stop();
    }
  });
});

describe('devices', () => {
  it('finds every device, page by page', async () => {
    const pages = await collect(rig.adapter.devices?.discover(never) ?? []);
    expect(pages.map((page) => page.items.length)).toEqual([10, 10, 3]);
    expect(new Set(devices).size).toBe(23);
    expect(pages[0]?.items[0]?.spaces).toEqual([
      { nativeId: expect.any(String), name: OPTICLOUD_TENANTS.main, kind: 'tenant' },
    ]);
  });

  it('shows another tenant to another user', async () => {
    const other = await discover(rig.connect({ tenant: OPTICLOUD_TENANTS.other }));
    expect(other.filter((id) => devices.includes(id))).toEqual([]);
    expect(other.length).toBeGreaterThan(0);
  });

  it('reads them as entities', async () => {
    const first = await rig.adapter.entities?.query('device', { sort: [], limit: 20 }, never);
    expect(first?.items).toHaveLength(20);
    const second = await rig.adapter.entities?.query(
      'device',
      { sort: [], limit: 20, cursor: first?.nextCursor ?? '' },
      never,
    );
    expect(second?.items).toHaveLength(3);
    expect(second?.nextCursor).toBeUndefined();
    const one = await rig.adapter.entities?.get('device', devices[20] ?? '', never);
    expect(one?.nativeId).toBe(devices[20]);
  });
});

describe('telemetry', () => {
  it('brings every point of the ground truth, and those that come late', async () => {
    const poll = rig.adapter.polls?.telemetry;
    const first = await run(poll);
    const found = pointsBy(first.observations);
    const expected = truth();
    expect(expected.size).toBeGreaterThan(1000);
    expect(found).toEqual(expected);

    const [device = ''] = devices;
    const ts = Date.now() - 60_000;
    await rig.simulator.actions.run('produce', { device, telemetry: { ts, values: { 'late arrival': 'ü', big: 42 } } });
    await rig.simulator.actions.run('produce', {
      device,
      telemetry: { ts: ts + 30_000, values: { 'late arrival': 'now' } },
    });
    const second = await run(poll, first.checkpoint);
    const late = pointsBy(second.observations);
    expect(late.get(`${device}|late arrival|${ts}`)).toBe('ü');
    expect(late.get(`${device}|big|${ts}`)).toBe(42);
  });

  it('goes on past a full page', async () => {
    const { adapter, access } = rig.connect({ telemetry: { pageSize: 10 } });
    access.rememberDevices(devices.slice(0, 2));
    const { observations } = await run(adapter.polls?.telemetry);
    const expected = new Map(
      [...truth()].filter(([key]) => devices.slice(0, 2).some((device) => key.startsWith(device))),
    );
    expect(pointsBy(observations)).toEqual(expected);
  });

  it('reads the history of one device', async () => {
    const [, device = ''] = devices;
    const times = [...rig.simulator.truth.points({ device })].map(({ ts }) => ts).sort((a, b) => a - b);
    const fromMs = times[Math.floor(times.length / 3)] ?? 0;
    const toMs = times[Math.floor((times.length * 2) / 3)] ?? 0;
    const pages = await collect(rig.adapter.telemetry?.history?.({ device, fromMs, toMs }, never) ?? []);
    const found = pages.flatMap((page) => page.items).map((batch) => ({ type: 'points' as const, ...batch }));
    expect(pointsBy(found)).toEqual(truth({ device, from: fromMs, to: toMs }));
    expect(found.every(({ origin }) => origin === 'backfill')).toBe(true);
  });
});
