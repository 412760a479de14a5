import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@tributary/client';
import { OCHNO_COMPANIES, type OchnoSimulator, startOchno } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

const PATIENCE = { timeoutMs: 60_000, everyMs: 200 };

describe('a lamp, which is told over a stream that answers nothing', () => {
  let stage: Stage;
  let simulator: OchnoSimulator;
  let lamps: { id: string; nativeId: string }[];

  beforeAll(async () => {
    simulator = await startOchno({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 24,
      otherDevices: 2,
      cadenceMs: 2_000,
      historyMs: 0,
      plugEveryMs: 1e9,
    });
    stage = await Stage.start({
      simulator,
      settings: { schedules: { discover: '60s', follow: '1s' } },
      env: { LEASE_TTL: '3s' },
    });
    await stage.connect();
    const devices = await eventually(
      'devices',
      async () => {
        const all = await stage.api.list('/v1/devices').all();
        return all.filter(({ kind }) => kind === 'port').length === 24 && all;
      },
      PATIENCE,
    );
    const natives = simulator.scenario.ports.filter(({ kind }) => kind === 'lamp').map(({ port }) => port.id);
    lamps = devices.filter(({ nativeId }) => natives.includes(nativeId));
    expect(lamps.length).toBeGreaterThan(2);
    await simulator.journal.until({ operation: 'OCHNO-09' }, 2, AbortSignal.timeout(60_000));
  }, 180_000);

  afterAll(() => stage?.stop(), 60_000);

  const lampNo = (n: number) => lamps[n] ?? { id: '', nativeId: '' };
  const order = (level: number, expiresInMs = 600_000) => ({
    name: 'lamp.level',
    params: { level },
    expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
  });
  const send = (deviceId: string, body: Schemas['CommandDraft'], idempotencyKey = crypto.randomUUID() as string) =>
    stage.api.post('/v1/devices/{deviceId}/commands', { path: { deviceId }, body, idempotencyKey });
  const read = (commandId: string) => stage.api.get('/v1/commands/{commandId}', { path: { commandId } });
  const reaches = (id: string, state: string, timeoutMs = 90_000) =>
    eventually(
      `the command is ${state}`,
      async () => {
        const command = await read(id);
        return command.state === state && command;
      },
      { ...PATIENCE, timeoutMs },
    );
  const published = () => simulator.journal.count({ operation: 'OCHNO-11' });
  const levelOf = (nativeId: string) => simulator.scenario.port(nativeId)?.level;

  it('OCHNO-11 is confirmed by its own message, with the evidence', async () => {
    const { id: device, nativeId } = lampNo(0);
    const { id } = await send(device, order(42));
    const { transitions } = await reaches(id, 'confirmed');
    expect(transitions.map(({ state }) => state)).toEqual(['accepted', 'dispatched', 'confirmed']);
    expect(transitions.at(-1)?.evidence).toMatchObject({ kind: 'platform-log', data: { 'lamp.level': 42 } });
    expect(levelOf(nativeId)).toBe(42);
    const latest = await eventually(
      'the level is stored',
      async () => {
        const items = await stage.api.list('/v1/telemetry/latest', { query: { signal: ['lamp.level'] } }).all();
        return items.some((item) => item.deviceId === device && item.value === 42);
      },
      PATIENCE,
    );
    expect(latest).toBe(true);
  }, 120_000);

  it('the same Idempotency-Key is one command and one publish', async () => {
    const before = published();
    const body = order(17);
    const ids = new Set<string>();
    for (let n = 0; n < 3; n += 1) {
      ids.add((await send(lampNo(0).id, body, 'one-order')).id);
    }
    expect(ids.size).toBe(1);
    await reaches([...ids][0] ?? '', 'confirmed');
    expect(published() - before).toBe(1);
  }, 120_000);

  it('that does as it likes leaves the command unknown, and never confirmed', async () => {
    const { id: device, nativeId } = lampNo(1);
    await simulator.actions.run('lamp', { device: nativeId, manner: 'ignores' });
    const { id } = await send(device, order(3, 6_000));
    const { transitions } = await reaches(id, 'unknown');
    expect(transitions.map(({ state }) => state)).toEqual(['accepted', 'dispatched', 'unknown']);
    await simulator.actions.run('lamp', { device: nativeId, manner: 'obeys' });
  }, 120_000);

  it('waits while the stream is down, neither failed nor sent, and is dimmed once when it stands again', async () => {
    const { id: device, nativeId } = lampNo(1);
    const before = published();
    const outage = simulator.faults.add({ kind: 'outage', mode: 'refuse', listeners: ['mqtt'] });
    await simulator.faults.settled();
    const { id } = await send(device, order(66));
    const began = performance.now();
    await eventually('ten seconds pass', () => performance.now() - began > 10_000);
    expect((await read(id)).state).toBe('accepted');
    const late = await send(device, order(77, 2_000));
    await reaches(late.id, 'expired');
    simulator.faults.clear(outage);
    await reaches(id, 'confirmed');
    expect(levelOf(nativeId)).toBe(66);
    expect(published() - before).toBe(1);
  }, 180_000);

  it('is never told twice when the adapter is killed between claim and publish', async () => {
    const { id: device, nativeId } = lampNo(2);
    const before = published();
    const level = levelOf(nativeId);
    await stage.house.get('adapter').stop();
    const doomed = stage.house.spawnApp(
      'adapter-ochno',
      { TRIBUTARY_FAILPOINT: 'after-claim-before-call:exit' },
      'adapter',
    );
    await doomed.ready();
    const { id } = await send(device, order(88));
    await eventually('it has crashed', () => !doomed.running, PATIENCE);
    expect((await read(id)).state).toBe('dispatched');
    await stage.house.spawnApp('adapter-ochno', {}, 'adapter').ready();
    await reaches(id, 'unknown', 120_000);
    expect(published()).toBe(before);
    expect(levelOf(nativeId)).toBe(level);
    // The next order gets through.
    await reaches((await send(device, order(11))).id, 'confirmed');
    expect(published() - before).toBe(1);
  }, 300_000);

  it('OCHNO-05 whose company is forbidden is told so, and the other company goes on', async () => {
    const { email } = simulator.demoConnection.credentials;
    await simulator.actions.run('set-permission', { email, company: OCHNO_COMPANIES.tenant, stream: false });
    await simulator.actions.run('evict', { target: OCHNO_COMPANIES.tenant });
    await simulator.actions.run('expire-credentials', { company: OCHNO_COMPANIES.tenant });
    const path = { connectionId: stage.connectionId };
    await eventually(
      'the health says so',
      async () => {
        const { limitations } = await stage.api.get('/v1/connections/{connectionId}/health', { path });
        return limitations?.some((text) => text.includes(OCHNO_COMPANIES.tenant));
      },
      PATIENCE,
    );
    const lamp = lamps.find(({ nativeId }) => {
      const port = simulator.scenario.port(nativeId)?.port;
      return port && simulator.state.placeOf(port).companyId === OCHNO_COMPANIES.owner;
    });
    await reaches((await send(lamp?.id ?? '', order(23))).id, 'confirmed');
  }, 180_000);

  it('OCHNO-02 the log-in is given back when the adapter stops', async () => {
    const position = simulator.journal.position;
    expect(await stage.house.get('adapter').stop()).toBe(0);
    expect(simulator.journal.count({ operation: 'OCHNO-02', status: 200, after: position })).toBe(1);
  }, 60_000);
});
