import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@tributary/client';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';
import { VendorSession } from './vendor-session.ts';

describe('files', () => {
  let stage: Stage;
  let device: { id: string; nativeId: string };
  let files: Schemas['File'][];

  beforeAll(async () => {
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 3,
      otherDevices: 0,
      historyMs: 5_000,
      filesPerDevice: 8,
    });
    stage = await Stage.start({ simulator, settings: { schedules: { discover: '5s' } } });
    await stage.connect();
    const [first] = await eventually('devices', async () => {
      const devices = await stage.api.list('/v1/devices').all();
      return devices.length === 3 && devices;
    });
    if (!first) throw new Error('no device');
    device = first;
    const query = { live: true, from: '2000-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' } as const;
    files = await stage.api.list('/v1/devices/{deviceId}/files', { path: { deviceId: device.id }, query }).all();
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  const content = (fileId: string) => stage.api.open('get', '/v1/files/{fileId}/content', { path: { fileId } });

  it('OPTI-07 OPTI-08 are listed with where their bytes are', () => {
    expect(files.length).toBeGreaterThanOrEqual(5);
    expect(new Set(files.map((f) => f.location)).size).toBeGreaterThan(1);
  });

  it('OPTI-09 OPTI-10 a file is downloaded byte for byte', async () => {
    const file = files.find((f) => f.location === 'both' || f.location === 'platform');
    const answer = await content(file?.id ?? '');
    expect(answer.status).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const original = await (await VendorSession.logIn(stage.simulator)).download(device.nativeId, [file?.name ?? '']);
    expect(sha(bytes)).toBe(sha(original));
    expect(bytes.length).toBeGreaterThan(0);
  });

  it('OPTI-10 three files come as one ZIP', async () => {
    const names = files
      .filter((f) => f.location === 'both' || f.location === 'platform')
      .slice(0, 3)
      .map((f) => f.name);
    expect(names).toHaveLength(3);
    const path = { deviceId: device.id };
    const answer = await stage.api.open('post', '/v1/devices/{deviceId}/files:download', { path, body: { names } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/zip');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    const original = await (await VendorSession.logIn(stage.simulator)).download(device.nativeId, names);
    expect(sha(bytes)).toBe(sha(original));
  });

  it('a file that is only on the device is a clear problem, not an empty answer', async () => {
    const file = files.find((f) => f.location === 'device');
    if (!file) throw new Error('the scenario has a file that is only on the device');
    await expect(content(file.id)).rejects.toMatchObject({ problem: { status: expect.any(Number) } });
  });
});

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
