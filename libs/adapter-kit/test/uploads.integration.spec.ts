import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AcmeHouse, type Replica, until } from './acme/acme-house.ts';

let house: AcmeHouse;
let replica: Replica;
let connectionId: string;

beforeAll(async () => {
  house = await AcmeHouse.open();
  connectionId = (await house.connect('uploads', 'good', { extras: true })).id;
  replica = await house.start();
}, 60_000);
afterAll(() => house.close(), 30_000);
beforeEach(() => {
  house.vendor.extras.uploadStatus = 201;
});

const MB = 1_048_576;

const ticket = async (name: string, sizeBytes?: number): Promise<string> => {
  const size = sizeBytes === undefined ? {} : { sizeBytes };
  return (await house.ask('files.receive', { connectionId, name, mediaType: 'text/csv', ...size })).url;
};

const uploaded = (name: string) => house.vendor.extras.uploads.find((upload) => upload.name === name);

/** Sends chunks at its own pace; answers status and body. */
function put(url: string, chunks: AsyncIterable<Uint8Array>): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'PUT' }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) }));
    });
    sending.on('error', reject);
    void (async () => {
      for await (const chunk of chunks) {
        if (sending.destroyed) return;
        if (!sending.write(chunk)) await new Promise((drained) => sending.once('drain', drained));
      }
      sending.end();
    })().catch((error: Error) => sending.destroy(error));
  });
}

async function* zeros(megabytes: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(MB / 4);
  for (let n = 0; n < megabytes * 4; n++) yield chunk;
}

describe('an upload', () => {
  it('goes through to the platform, every byte of it and none kept', async () => {
    const url = await ticket('large.csv', 192 * MB);
    const memory = () => house.metric(replica, 'process_resident_memory_bytes');
    const before = await memory();
    const { status, body } = await put(url, zeros(192));
    expect({ status, body }).toMatchObject({ status: 200, body: { nativeId: expect.any(String), name: 'large.csv' } });
    const hash = createHash('sha256');
    for await (const chunk of zeros(192)) hash.update(chunk);
    expect(uploaded('large.csv')).toMatchObject({ bytes: 192 * MB, sha256: hash.digest('hex'), mediaType: 'text/csv' });
    expect((await memory()) - before).toBeLessThan(96 * MB);
  }, 60_000);

  it('is good once, for PUT alone, and its size is the one announced', async () => {
    const url = await ticket('once.csv', 3);
    expect((await fetch(url)).status).toBe(405);
    const first = await fetch(url, { method: 'PUT', body: 'abc' });
    expect([first.status, await first.json()]).toMatchObject([200, { name: 'once.csv' }]);
    expect((await fetch(url, { method: 'PUT', body: 'abc' })).status).toBe(404);
    const other = await fetch(await ticket('other.csv', 3), { method: 'PUT', body: 'abcd' });
    expect([other.status, await other.json()]).toMatchObject([400, { code: 'invalid-request' }]);
    expect(uploaded('other.csv')).toBeUndefined();
  }, 30_000);

  it('that turns out longer or shorter than announced never becomes a file', async () => {
    for (const [name, size] of [
      ['longer', MB],
      ['shorter', 3 * MB],
    ] as const) {
      const { status } = await put(await ticket(name, size), zeros(2));
      expect(status).toBe(400);
      await until('the platform saw it break off', () => house.vendor.extras.broken.includes(name));
      expect(uploaded(name)).toBeUndefined();
    }
  }, 30_000);

  it('that breaks off ends the call to the platform', async () => {
    const url = await ticket('broken');
    async function* half() {
      yield* zeros(4);
      throw new Error('the sender died');
    }
    await expect(put(url, half())).rejects.toThrow('the sender died');
    await until('the platform saw it break off', () => house.vendor.extras.broken.includes('broken'));
    await until('nothing is open', async () => (await house.metric(replica, 'tributary_adapter_files_open')) === 0);
    expect(uploaded('broken')).toBeUndefined();
  }, 30_000);

  it('that the platform refuses is answered with what it said, and its status', async () => {
    for (const [platform, status, code] of [
      [403, 403, 'permission-denied'],
      [409, 409, 'conflict'],
      [422, 422, 'invalid-request'],
      [500, 503, 'unavailable'],
    ] as const) {
      house.vendor.extras.uploadStatus = platform;
      const response = await fetch(await ticket('refused'), { method: 'PUT', body: 'abc' });
      expect([response.status, await response.json()]).toMatchObject([status, { code, platformStatus: platform }]);
    }
  }, 30_000);

  it('larger than anybody may send is refused before it is sent', async () => {
    await expect(ticket('huge', 2 ** 40)).rejects.toMatchObject({ code: 'invalid-request' });
    const sizeless = await ticket('sizeless');
    const status = await new Promise<number>((resolve, reject) => {
      const sending = request(sizeless, { method: 'PUT', headers: { 'content-length': 2 ** 40 } }, (response) =>
        resolve(response.statusCode ?? 0),
      );
      sending.on('error', reject);
      sending.flushHeaders();
    });
    expect(status).toBe(413);
  }, 30_000);
});
