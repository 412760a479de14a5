import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { fromBuffer } from 'yauzl';
import { Caller, deviceAt, dig, list, START, startQuiet, VENDOR_ACCEPT } from '../../test/opticloud-caller.ts';
import { TENANT_NAMES, USERS } from './accounts.ts';
import type { Device } from './device.ts';
import type { OpticloudSimulator } from './server.ts';

const QUARTER = 15 * 60_000;
const EVERYTHING = { startTime: 0, endTime: 4_000_000_000_000, limit: -1, page: 0 };

let sim: OpticloudSimulator;
let user: Caller;
let device: Device;
beforeEach(async () => {
  sim = await startQuiet({ producing: false, historyMs: 0 });
  user = await Caller.logIn(sim, USERS.multi);
  device = deviceAt(sim, 3);
});
afterEach(() => sim.stop());

const original = (query: Record<string, string | number>) =>
  user.get(`/api/devices/${device.id}/data-files/original`, query);
const completeList = (start: number, end: number, token = device.token, headers = {}) =>
  user.get(`/API/filelist/list/deviceid/${token}/StartTime/${start}/${end}`, {}, headers);
const requestDownload = (names: unknown) =>
  user.post(`/api/device/${device.id}/data-files/CLIENT_SCOPE/download`, names);
const download = (token: string) => user.get(`/api/device/${device.id}/data-files/CLIENT_SCOPE/token/${token}`);

/** Name and status of each file, as an independent parser reads them. */
async function statuses(start = 0, end = 4_000_000_000): Promise<Map<string, number>> {
  const { text } = await completeList(start, end);
  const document: unknown = new XMLParser({ isArray: (name) => name === 'GeoLogFile' }).parse(text);
  const rows = dig(document, 'FileList', 'GeoLogFile');
  return new Map(Array.isArray(rows) ? rows.map((row) => [String(row.FileName), Number(row.Status)]) : []);
}

async function serverFiles(): Promise<string[]> {
  return list((await original(EVERYTHING)).json, 'data').map((file) => String(dig(file, 'name')));
}

function unzip(bytes: Buffer): Promise<Map<string, Buffer>> {
  return new Promise((resolve, reject) => {
    const files = new Map<string, Buffer>();
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      zip.on('end', () => resolve(files));
      zip.on('entry', (entry) =>
        zip.openReadStream(entry, async (problem, stream) => {
          if (problem) return reject(problem);
          files.set(entry.fileName, Buffer.concat(await stream.toArray()));
          zip.readEntry();
        }),
      );
      zip.readEntry();
    });
  });
}

describe('optiCLOUD file lists', () => {
  it('OPTI-05 lists server-side files only, by a window in milliseconds that they touch', async () => {
    const known = await statuses();
    const onServer = [...known].filter(([, status]) => status >= 2).map(([name]) => name);
    expect((await serverFiles()).sort()).toEqual(onServer.sort());
    const [first, second] = list((await original(EVERYTHING)).json, 'data');
    const end = Number(dig(first, 'endTime'));
    expect(dig(second, 'startTime')).toBe(end);
    const touching = list((await original({ startTime: end, endTime: end, limit: -1, page: 0 })).json, 'data');
    expect(touching).toEqual([first, second]);
    expect(first).toMatchObject({
      tag: 'preview',
      name: expect.stringMatching(/^sde\/preview\/\d{8}\/\d{8}_\d{6}\.osfz$/),
    });
    const inSeconds = { startTime: 0, endTime: START / 1000, limit: -1, page: 0 };
    expect(list((await original(inSeconds)).json, 'data')).toEqual([]);
  });

  it('OPTI-05 pages, and wants its window', async () => {
    const all = await serverFiles();
    const page = (await original({ ...EVERYTHING, limit: 2, page: 1 })).json;
    expect(list(page, 'data').map((file) => dig(file, 'name'))).toEqual(all.slice(2, 4));
    expect((await original({ limit: -1, page: 0 })).status).toBe(400);
  });

  it('OPTI-07 answers XML at the upper-case path only', async () => {
    const answer = await completeList(0, 4_000_000_000);
    expect(answer.headers.get('content-type')).toContain('application/xml');
    expect(answer.text).toMatch(/^<\?xml[^>]*\?>\s*<FileList><GeoLogFile>/);
    const path = `/filelist/list/deviceid/${device.token}/StartTime/0/4000000000`;
    expect((await user.get(`/api${path}`)).status).toBe(404);
    expect((await user.get(`/Api${path}`)).status).toBe(404);
  });

  it('OPTI-07 refuses an Accept without XML with 406', async () => {
    const status = async (Accept: string) => (await completeList(0, 1, device.token, { Accept })).status;
    expect(await status('application/json')).toBe(406);
    expect(await status('text/html, application/json')).toBe(406);
    expect(await status('application/xml;q=0, application/json')).toBe(406);
    for (const accept of [VENDOR_ACCEPT, 'application/xml', 'text/xml', 'application/*', '*/*']) {
      expect(await status(accept)).toBe(200);
    }
    const anonymous = await fetch(`${sim.url}/API/filelist/list/deviceid/${device.token}/StartTime/0/1`);
    expect(anonymous.status).toBe(401);
  });

  it('OPTI-07 reads its window in seconds: milliseconds give an empty list, not an error', async () => {
    const now = sim.clock.now();
    const seconds = await statuses(Math.floor((now - QUARTER * 4) / 1000), Math.ceil(now / 1000));
    expect(seconds.size).toBeGreaterThan(0);
    const answer = await completeList(now - QUARTER * 4, now);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<FileList></FileList>');
    expect((await user.get(`/API/filelist/list/deviceid/${device.token}/StartTime/a/b`)).status).toBe(400);
  });

  it('OPTI-07 answers no, one and many files, and an empty list for an unknown token', async () => {
    expect((await statuses(1, 2)).size).toBe(0);
    const oldest = list((await original(EVERYTHING)).json, 'data')[0];
    const end = Number(dig(oldest, 'endTime')) / 1000;
    expect((await statuses(end - 10, end - 5)).size).toBe(1);
    expect((await statuses()).size).toBeGreaterThan(3);
    const unknown = await completeList(0, 4_000_000_000, 'nobody');
    expect([unknown.status, unknown.text]).toEqual([200, expect.stringContaining('<FileList></FileList>')]);
  });

  it('OPTI-07 refuses the device token of another tenant', async () => {
    const stranger = await Caller.logIn(sim, USERS.other, TENANT_NAMES.other);
    const path = `/API/filelist/list/deviceid/${device.token}/StartTime/0/1`;
    expect((await stranger.get(path)).json).toMatchObject({ status: 403, errorCode: 20 });
  });

  it('OPTI-08 shows all four statuses', async () => {
    expect(new Set((await statuses()).values())).toEqual(new Set([0, 1, 2, 3]));
  });

  it('OPTI-08 follows a file: listed 0, requested 1, uploaded 3, removed from the device 2', async () => {
    const window = { startMs: START - 200 * QUARTER, endMs: START - 199 * QUARTER };
    const name = String(
      dig(await sim.actions.run('add-file', { device: device.id, place: 'device', ...window }), 'name'),
    );
    const listFiles = async () => {
      const iso = (ms: number) => new Date(ms).toISOString();
      const body = { startTime: iso(window.startMs), endTime: iso(window.endMs), tag: 'preview' };
      await user.post(`/api/devices/${device.id}/request-list`, body);
      await sim.actions.run('call-in', { device: device.id });
    };
    expect((await statuses()).has(name)).toBe(false);
    await listFiles();
    expect((await statuses()).get(name)).toBe(0);
    await sim.actions.run('request-file', { device: device.id, name });
    expect((await statuses()).get(name)).toBe(1);
    expect((await requestDownload([name])).status).toBe(404);
    await sim.actions.run('call-in', { device: device.id });
    expect((await statuses()).get(name)).toBe(3);
    expect(await serverFiles()).toContain(name);
    await sim.actions.run('remove-device-file', { device: device.id, name });
    await listFiles();
    expect((await statuses()).get(name)).toBe(2);
  });
});

describe('optiCLOUD downloads', () => {
  it('OPTI-09 answers a bare token as plain text; OPTI-10 the bytes as stored', async () => {
    const [name = ''] = await serverFiles();
    expect(name).toContain('/');
    const token = await requestDownload([name]);
    expect(token.headers.get('content-type')).toContain('text/plain');
    expect(token.text).toMatch(/^[\w-]{20,}$/);
    const stored = device.cloudFiles.get(name)?.file.content();
    const first = await download(token.text);
    expect(first.bytes.equals(stored ?? Buffer.alloc(0))).toBe(true);
    expect(first.bytes.length).toBe(dig(list((await original(EVERYTHING)).json, 'data')[0], 'size'));
    expect((await download(token.text)).bytes.equals(first.bytes)).toBe(true);
  });

  it('OPTI-09 answers unknown names with 404, and no names with 400', async () => {
    const [name = ''] = await serverFiles();
    expect((await requestDownload(['nothing/there.osfz'])).json).toMatchObject({ status: 404, errorCode: 32 });
    expect((await requestDownload([name, 'nothing/there.osfz'])).status).toBe(404);
    for (const body of [[], {}, 'no json', [1]]) expect((await requestDownload(body)).status).toBe(400);
  });

  it('OPTI-10 forgets a token after its time, and knows no others', async () => {
    const [name = ''] = await serverFiles();
    const token = (await requestDownload([name])).text;
    await sim.clock.advance(10 * 60_000 - 1);
    expect((await download(token)).status).toBe(200);
    await sim.clock.advance(1);
    expect((await download(token)).json).toMatchObject({ status: 404, errorCode: 32 });
    expect((await download('unknown')).status).toBe(404);
  });

  it('OPTI-10 serves a token for its own device only', async () => {
    const [name = ''] = await serverFiles();
    const token = (await requestDownload([name])).text;
    const other = deviceAt(sim, 4);
    expect((await user.get(`/api/device/${other.id}/data-files/CLIENT_SCOPE/token/${token}`)).status).toBe(404);
  });

  it('OPTI-10 answers several files as a ZIP with base names', async () => {
    const names = (await serverFiles()).slice(0, 3);
    const answer = await download((await requestDownload(names)).text);
    expect(answer.bytes.subarray(0, 4)).toEqual(Buffer.from('PK\u0003\u0004'));
    const files = await unzip(answer.bytes);
    expect([...files.keys()]).toEqual(names.map((name) => name.split('/').at(-1)));
    for (const name of names) {
      const stored = device.cloudFiles.get(name)?.file.content() ?? Buffer.alloc(0);
      expect(files.get(name.split('/').at(-1) ?? '')?.equals(stored)).toBe(true);
    }
  });

  it('OPTI-10 gives files that share a base name different names in the ZIP', async () => {
    const window = { startMs: START, endMs: START + 1 };
    const add = (tag: string) => sim.actions.run('add-file', { device: device.id, place: 'server', tag, ...window });
    const names = [dig(await add('a'), 'name'), dig(await add('b'), 'name')];
    const files = await unzip((await download((await requestDownload(names)).text)).bytes);
    expect([...files.keys()]).toEqual(['20260301_120000.osfz', '20260301_120000_1.osfz']);
  });

  it('OPTI-10 can be switched to a ZIP even for one', async () => {
    await sim.stop();
    sim = await startQuiet({ zipSingleFile: true, producing: false });
    user = await Caller.logIn(sim, USERS.multi);
    device = deviceAt(sim, 3);
    const names = (await serverFiles()).slice(0, 1);
    const files = await unzip((await download((await requestDownload(names)).text)).bytes);
    expect(files.size).toBe(1);
  });

  it('OPTI-10 serves files of many megabytes', async () => {
    const description = { startMs: START, endMs: START + 1, padBytes: 8 * 1024 * 1024 };
    const name = dig(await sim.actions.run('add-file', { device: device.id, ...description }), 'name');
    const answer = await download((await requestDownload([name])).text);
    expect(answer.bytes.length).toBeGreaterThan(8 * 1024 * 1024);
    expect(answer.headers.get('content-length')).toBe(String(answer.bytes.length));
  });
});
