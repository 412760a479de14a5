import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Caller, deviceAt, dig, list, START, startQuiet } from '../../test/opticloud-caller.ts';
import { USERS } from './accounts.ts';
import type { Device } from './device.ts';
import type { OpticloudSimulator } from './server.ts';

let sim: OpticloudSimulator;
let user: Caller;
let device: Device;
beforeEach(async () => {
  sim = await startQuiet({ producing: false, historyMs: 0 });
  user = await Caller.logIn(sim, USERS.multi);
  device = deviceAt(sim, 3);
});
afterEach(() => sim.stop());

const WINDOW = { startTime: START - 3_600_000, endTime: START + 3_600_000 };
const communication = (query: Record<string, string | number>) =>
  user.get(`/api/devices/${device.id}/communication/data`, query);
const entries = async () => list((await communication({ ...WINDOW, limit: 2_147_483_647, page: 0 })).json, 'data');
const requestList = (body: object) => user.post(`/api/devices/${device.id}/request-list`, body);
const order = { startTime: '2026-03-01T00:00:00Z', endTime: '2026-03-01T12:00:00Z', tag: 'preview' };
const states = () => device.queue.tasks.map((task) => task.state);

describe('optiCLOUD communication log', () => {
  it('OPTI-12 requires all four parameters', async () => {
    const all = { ...WINDOW, limit: 10, page: 0 };
    expect((await communication(all)).status).toBe(200);
    for (const name of Object.keys(all)) {
      const query = Object.fromEntries(Object.entries(all).filter(([key]) => key !== name));
      expect((await communication(query)).json).toMatchObject({ status: 400, errorCode: 31 });
    }
  });

  it('OPTI-12 grows with each connection of the device, newest first, by a window in milliseconds', async () => {
    await sim.actions.run('call-in', { device: device.id, request: 'ATTN' });
    await sim.clock.advance(1_000);
    await sim.actions.run('call-in', { device: device.id });
    expect((await entries()).map((entry) => [dig(entry, 'time'), dig(entry, 'type')])).toEqual([
      [START + 1_000, 'PING'],
      [START, 'ATTN'],
    ]);
    const later = await communication({ startTime: START + 1, endTime: START + 1_000, limit: 10, page: 0 });
    expect(list(later.json, 'data')).toHaveLength(1);
    const second = await communication({ ...WINDOW, limit: 1, page: 1 });
    expect(dig(second.json, 'data', 0, 'type')).toBe('ATTN');
  });

  it('OPTI-12 shows the heartbeat of simulated devices that are online', async () => {
    await sim.clock.advance(120_000);
    expect((await entries()).filter((entry) => dig(entry, 'type') === 'PING')).toHaveLength(2);
    await sim.actions.run('set-online', { device: device.id, online: false });
    await sim.clock.advance(120_000);
    expect(await entries()).toHaveLength(2);
  });
});

describe('optiCLOUD queued commands', () => {
  it('OPTI-13 returns at once and waits until the device connects', async () => {
    await sim.actions.run('set-online', { device: device.id, online: false });
    const answer = await requestList(order);
    expect([answer.status, answer.text]).toEqual([200, '']);
    await sim.clock.advance(600_000);
    expect(states()).toEqual(['queued']);
    expect(await entries()).toEqual([]);
    await sim.actions.run('set-online', { device: device.id, online: true });
    expect(states()).toEqual(['done']);
    const [returned, attention] = await entries();
    const messageId = dig(device.queue.tasks, 0, 'messageId');
    expect(attention).toMatchObject({ type: 'ATTN', content: { order: { type: 'LIST_FILES', messageId } } });
    expect(returned).toMatchObject({
      type: 'RETURN_LIST',
      content: { messageId, tag: 'preview', files: expect.any(Number) },
    });
  });

  it('OPTI-13 is carried out at the next heartbeat of an online device', async () => {
    await requestList(order);
    await sim.clock.advance(60_000);
    expect(states()).toEqual(['done']);
  });

  it('OPTI-13 queues two identical requests twice', async () => {
    await requestList(order);
    await requestList(order);
    expect(states()).toEqual(['queued', 'queued']);
    await sim.actions.run('call-in', { device: device.id });
    expect((await entries()).filter((entry) => dig(entry, 'type') === 'RETURN_LIST')).toHaveLength(2);
  });

  it('OPTI-13 refuses times that are not ISO-8601 with 400', async () => {
    const bad = ['yesterday', '1772323200000', '2026-02-30T25:00:00Z', '2026-03-01', ''];
    for (const startTime of bad) expect((await requestList({ ...order, startTime })).status).toBe(400);
    expect((await requestList({ endTime: order.endTime })).status).toBe(400);
    expect((await requestList({ ...order, startTime: '2026-03-02T00:00:00Z' })).status).toBe(400);
    expect(states()).toEqual([]);
    for (const startTime of ['2026-03-01T00:00:00', '2026-03-01T01:00:00.5+01:00', '2026-02-28T19:00:00-0500']) {
      expect((await requestList({ ...order, startTime })).status).toBe(200);
    }
  });

  it('OPTI-14 hands over other orders in the order of their queueing', async () => {
    await sim.actions.run('queue-command', { device: device.id, contentType: 'application/om-bash', body: 'uptime' });
    await requestList(order);
    await sim.actions.run('call-in', { device: device.id });
    expect((await entries()).map((entry) => dig(entry, 'type'))).toEqual(['RETURN_LIST', 'RETURN_BASH', 'PING']);
    expect(await sim.actions.run('queue', { device: device.id })).toMatchObject([{ state: 'done' }, { state: 'done' }]);
  });
});
