import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, Caller, call, deviceAt, dig, list, START, startQuiet } from '../../test/opticloud-caller.ts';
import { USERS } from './accounts.ts';
import type { Device } from './device.ts';
import { fileListXml } from './file-list-xml.ts';
import { measurementFile } from './measurement-files.ts';
import type { OpticloudSimulator } from './server.ts';

let sim: OpticloudSimulator;
let user: Caller;
let device: Device;
beforeEach(async () => {
  sim = await startQuiet({ producing: false, historyMs: 0 });
  user = await Caller.logIn(sim, USERS.multi);
  device = deviceAt(sim, 3);
  await sim.actions.run('set-online', { device: device.id, online: false });
});
afterEach(() => sim.stop());

interface Said {
  id?: string;
  version?: string;
  description?: string;
  data?: { name: string; bytes: Buffer };
}

/** A device calls in, as its firmware does. */
function say(request: string, { id = device.token, version = 'v5', description, data }: Said = {}): Promise<Answer> {
  const query = new URLSearchParams({ F: request, ID: id, P: version, T: String(Math.floor(START / 1000)) });
  const form = new FormData();
  if (data) form.set('data', new Blob([new Uint8Array(data.bytes)], { type: 'image/osfz' }), data.name);
  return call(`${sim.url}/status.php?${query}`, {
    method: 'POST',
    ...(description ? { headers: { 'content-description': description } } : {}),
    ...(data ? { body: form } : {}),
  });
}

const queueList = () =>
  user.post(`/api/devices/${device.id}/request-list`, {
    startTime: '2026-03-01T00:00:00Z',
    endTime: '2026-03-01T12:00:00Z',
    tag: 'preview',
  });

describe('optiCLOUD device protocol', () => {
  it('PING with an empty queue is answered 204', async () => {
    const answer = await say('PING');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(device.communication.between(0, START).map((entry) => entry.type)).toEqual(['PING']);
  });

  it('OPTI-13 is handed over with a Message-ID, and completed by RETURN_LIST with that id', async () => {
    await queueList();
    const task = await say('PING');
    expect(task.status).toBe(200);
    expect(task.headers.get('content-type')).toBe('application/om-request-list');
    const id = /^Message-ID: (\S+), File-Tag: preview$/.exec(task.headers.get('content-description') ?? '')?.[1];
    expect(id).toBeDefined();
    expect(task.json).toMatchObject({ tag: 'preview', startTime: '2026-03-01T00:00:00.000Z' });
    expect(device.queue.tasks.map((one) => one.state)).toEqual(['sent']);
    const file = measurementFile(device, { startMs: START - 3_600_000 * 5, endMs: START - 3_600_000 * 4 });
    const xml = fileListXml([{ file, status: 0 }]);
    const data = { name: 'omCloudService-0.xml', bytes: Buffer.from(xml) };
    expect((await say('RETURN_LIST', { description: 'Message-ID: 999', data })).status).toBe(204);
    expect(device.queue.tasks.map((one) => one.state)).toEqual(['sent']);
    await say('RETURN_LIST', { description: `Message-ID: ${id}, File-Tag: preview`, data });
    expect(device.queue.tasks.map((one) => one.state)).toEqual(['done']);
    expect(device.cloudFiles.get(file.name)).toMatchObject({ onDevice: true, onServer: false });
  });

  it('RETURN_ERROR ends an order as failed', async () => {
    await queueList();
    const id = (await say('ATTN')).headers.get('content-description');
    await say('RETURN_ERROR', { description: String(id), data: { name: 'e.txt', bytes: Buffer.from('disk is full') } });
    expect(device.queue.tasks.map((one) => one.state)).toEqual(['failed']);
    expect(device.communication.between(0, START)[0]).toMatchObject({
      type: 'RETURN_ERROR',
      content: { text: 'disk is full' },
    });
  });

  it('refuses unknown devices, words and versions', async () => {
    expect((await say('PING', { id: 'nobody' })).status).toBe(401);
    expect((await say('HELLO')).status).toBe(400);
    expect((await say('PING', { version: 'v3' })).status).toBe(400);
    expect((await say('RETURN_CANCEL', { version: 'v5' })).status).toBe(400);
    expect((await say('RETURN_CANCEL', { version: 'v6' })).status).toBe(204);
  });

  it('UPLOAD stores a file that OPTI-05 lists and OPTI-10 returns', async () => {
    const bytes = measurementFile(device, { startMs: START, endMs: START + 1 }).content();
    const name = '20260301_113000.osfz';
    expect((await say('UPLOAD', { description: 'File-Tag: preview', data: { name, bytes } })).status).toBe(204);
    const query = { startTime: START - 1_800_000, endTime: START, limit: -1, page: 0 };
    const rows = list((await user.get(`/api/devices/${device.id}/data-files/original`, query)).json, 'data');
    expect(rows).toContainEqual({
      name,
      startTime: START - 1_800_000,
      endTime: START,
      size: bytes.length,
      tag: 'preview',
    });
    const path = `/api/device/${device.id}/data-files/CLIENT_SCOPE`;
    const token = (await user.post(`${path}/download`, [name])).text;
    expect((await user.get(`${path}/token/${token}`)).bytes.equals(bytes)).toBe(true);
    expect(dig(device.communication.between(0, START), 0, 'content')).toMatchObject({
      fileName: name,
      size: bytes.length,
    });
  });

  it('shows no device token in the journal', async () => {
    await say('PING');
    await user.get(`/API/filelist/list/deviceid/${device.token}/StartTime/0/1`);
    const text = JSON.stringify(sim.journal.entries());
    expect(text).toContain('OPTI-DEVICE');
    expect(text).not.toContain(device.token);
    expect(text).not.toContain((user.headers['X-Authorization'] ?? '').slice(7));
  });
});

describe('optiCLOUD device HTTP interface', () => {
  it('takes telemetry and client attributes with the token in the path', async () => {
    const post = (path: string, body: string, type = 'application/json') =>
      call(`${sim.url}/api/v1/${device.token}/${path}`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('telemetry', '{"ts":5,"values":{"a":42.0}}')).status).toBe(200);
    expect((await post('attributes', '{"firmware":"9"}')).status).toBe(200);
    expect((await post('telemetry', '{"a":')).status).toBe(400);
    expect([...sim.truth.points({ device: device.id })]).toMatchObject([{ signal: 'a', ts: 5, value: 42 }]);
    const answer = await call(`${sim.url}/api/v1/${device.token}/attributes?clientKeys=firmware&sharedKeys=none`);
    expect(answer.json).toEqual({ client: { firmware: '9' }, shared: {} });
    expect((await call(`${sim.url}/api/v1/nobody/attributes`)).status).toBe(401);
  });
});
