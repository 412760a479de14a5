import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TributaryError } from '@tributary/client';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

describe('LIST_FILES, a command that the platform queues for the device', () => {
  let stage: Stage;
  let device: { id: string; nativeId: string };

  beforeAll(async () => {
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 5,
      otherDevices: 0,
      cadenceMs: 5_000,
      historyMs: 5_000,
      heartbeatMs: 1_000,
    });
    stage = await Stage.start({
      simulator,
      settings: { schedules: { discover: '5s', telemetry: '5s', follow: '1s' } },
    });
    await stage.connect();
    const [first] = await eventually('devices', async () => {
      const devices = await stage.api.list('/v1/devices').all();
      return devices.length === 5 && devices;
    });
    if (!first) throw new Error('no device');
    device = first;
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  const order = (expiresInMs = 600_000) => ({
    name: 'list-files',
    params: { from: '2026-01-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z', tag: 'preview' },
    expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
  });
  const send = (body = order(), idempotencyKey = crypto.randomUUID() as string) =>
    stage.api.post('/v1/devices/{deviceId}/commands', { path: { deviceId: device.id }, body, idempotencyKey });
  const read = (commandId: string) => stage.api.get('/v1/commands/{commandId}', { path: { commandId } });
  const reaches = (id: string, state: string) =>
    eventually(
      `the command is ${state}`,
      async () => {
        const command = await read(id);
        return command.state === state && command;
      },
      { timeoutMs: 60_000, everyMs: 200 },
    );
  const asked = () => stage.simulator.journal.count({ operation: 'OPTI-13' });

  it('OPTI-13 is queued while the device is offline, and confirmed only once its answer is in the log', async () => {
    await stage.simulator.actions.run('set-online', { device: device.nativeId, online: false });
    const { id } = await send();
    const queued = await reaches(id, 'queued');
    expect(queued.transitions.map((t) => t.state)).not.toContain('delivered');
    await stage.simulator.actions.run('set-online', { device: device.nativeId, online: true });
    const confirmed = await reaches(id, 'confirmed');
    expect(confirmed.transitions.map((t) => t.state)).toEqual(
      expect.arrayContaining(['accepted', 'dispatched', 'queued', 'confirmed']),
    );
    expect(confirmed.transitions.at(-1)?.evidence.kind).toBe('platform-log');
  }, 120_000);

  it('is never sent once its deadline has passed', async () => {
    // Nobody can take the order before its deadline: the adapter is away.
    await stage.house.get('adapter').stop();
    const before = asked();
    const { id } = await send(order(2_000));
    await eventually('the deadline has passed', async () => {
      const [row] = await stage.query<{ late: boolean }>(
        'select expires_at < now() as late from command where id = $1',
        [id],
      );
      return row?.late;
    });
    await stage.house.spawnApp('adapter-opticloud', {}, 'adapter').ready();
    await reaches(id, 'expired');
    expect(asked()).toBe(before);
    // Not a message that somebody would have to look at, either.
    expect(await stage.query('select 1 from parked_message')).toEqual([]);
  }, 120_000);

  it('the same Idempotency-Key is one command and one call to the platform', async () => {
    const before = asked();
    const body = order();
    // Who comes while the first one runs is told to come again, and does.
    const answers = await Promise.all([1, 2, 3].map(() => send(body, 'one-order')));
    const ids = new Set(answers.map(({ id }) => id));
    expect(ids.size).toBe(1);
    await reaches([...ids][0] ?? '', 'confirmed');
    expect(asked() - before).toBe(1);
  }, 120_000);

  it('is rejected before any call when its parameters are wrong', async () => {
    const before = asked();
    const refused = await send({ ...order(), params: { ...order().params, from: 'yesterday' } }).catch(
      (error) => error,
    );
    expect(refused).toBeInstanceOf(TributaryError);
    expect(refused.status).toBe(400);
    expect((refused as TributaryError).errors.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining([expect.stringContaining('/params/from')]),
    );
    expect(asked()).toBe(before);
  });
});
