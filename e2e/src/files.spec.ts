import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';
import { VendorSession } from './vendor-session.ts';

interface FileAnswer {
  id: string;
  name: string;
  location: string;
  sizeBytes?: number;
}

describe('files', () => {
  let stage: Stage;
  let device: { id: string; nativeId: string };
  let files: FileAnswer[];

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
      const devices = await stage.api.all<{ id: string; nativeId: string }>('/v1/devices');
      return devices.length === 3 && devices;
    });
    if (!first) throw new Error('no device');
    device = first;
    files = await stage.api.all<FileAnswer>(
      `/v1/devices/${device.id}/files?live=true&from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z`,
    );
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  it('OPTI-07 OPTI-08 are listed with where their bytes are', () => {
    expect(files.length).toBeGreaterThanOrEqual(5);
    expect(new Set(files.map((f) => f.location)).size).toBeGreaterThan(1);
  });

  it('OPTI-09 OPTI-10 a file is downloaded byte for byte', async () => {
    const file = files.find((f) => f.location === 'both' || f.location === 'platform');
    const answer = await stage.api.raw('GET', `/v1/files/${file?.id}/content`);
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
    const answer = await stage.api.raw('POST', `/v1/devices/${device.id}/files:download`, { body: { names } });
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
    const answer = await stage.api.raw('GET', `/v1/files/${file.id}/content`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
