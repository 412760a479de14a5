import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

const LIMIT = 100_000_000;

let world: World;
let ids: Seeded;
let token: string;
let base: string;

beforeAll(async () => {
  world = await makeWorld({ uploadLimit: LIMIT });
  token = await world.key('default');
  ids = await seed(world, 'default');
  await world.fastify.listen({ port: 0, host: '127.0.0.1' });
  const { port } = world.fastify.server.address() as AddressInfo;
  base = `http://127.0.0.1:${port}/v1/connections/${ids.connectionId}/files`;
});
afterAll(async () => {
  await world.close();
});
afterEach(() => {
  Object.assign(world.platform.fileServer, { verdict: undefined, hold: undefined });
});

const send = (query: string, body: RequestInit['body'], headers: Record<string, string> = {}) =>
  fetch(`${base}${query}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, ...headers },
    duplex: 'half',
  } as RequestInit);
const received = () => world.platform.fileServer.received.at(-1);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const asked = () => world.platform.asked.filter(({ name }) => name === 'files.receive');

function* blocks(count: number): Generator<Uint8Array> {
  const block = new Uint8Array(65_536);
  for (let n = 0; n < count; n += 1) yield block;
}
const streamOf = (count: number) =>
  Readable.toWeb(Readable.from(blocks(count), { objectMode: false })) as RequestInit['body'];

/** A form of these parts, and its type. */
function form(
  ...parts: { field: string; name?: string; type?: string; bytes: Uint8Array | string }[]
): [Buffer, string] {
  const boundary = 'a-boundary-of-its-own';
  const pieces = parts.flatMap(({ field, name, type, bytes }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${field}"${name === undefined ? '' : `; filename="${name}"`}\r\n`,
    type === undefined ? '\r\n' : `content-type: ${type}\r\n\r\n`,
    bytes,
    '\r\n',
  ]);
  const all = Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece as string)));
  return [all, `multipart/form-data; boundary=${boundary}`];
}

describe('an upload', () => {
  it.each(['application/octet-stream', 'application/json', 'text/csv; charset=utf-8'])(
    'of %s is handed on byte by byte, whatever it is',
    async (type) => {
      const bytes = Buffer.concat([Buffer.from('{"not": json\u0000'), randomBytes(2_000_000)]);
      const answer = await send(`?name=${encodeURIComponent('ä/b.bin')}`, bytes, { 'content-type': type });
      expect(await answer.json()).toEqual({
        nativeId: 'file/ä/b.bin',
        name: 'ä/b.bin',
        mediaType: type,
        sizeBytes: bytes.length,
      });
      expect(answer.status).toBe(201);
      expect(received()).toEqual({
        name: 'ä/b.bin',
        mediaType: type,
        contentLength: String(bytes.length),
        bytes: bytes.length,
        digest: sha256(bytes),
        whole: true,
        over: true,
      });
      expect(asked().at(-1)?.payload).toMatchObject({ name: 'ä/b.bin', mediaType: type, sizeBytes: bytes.length });
    },
  );

  it('may be empty, and may come as a form', async () => {
    expect((await send('?name=empty', '', { 'content-type': 'text/plain' })).status).toBe(201);
    expect(received()).toMatchObject({ bytes: 0, whole: true });
    const bytes = randomBytes(3_000_000);
    const [body, type] = form({ field: 'file', name: 'plan.pdf', type: 'application/pdf', bytes });
    expect((await send('', body, { 'content-type': type })).status).toBe(201);
    expect(received()).toMatchObject({
      name: 'plan.pdf',
      mediaType: 'application/pdf',
      digest: sha256(bytes),
      whole: true,
    });
    const standard = new FormData();
    standard.set('file', new Blob([bytes], { type: 'image/png' }), 'a.png');
    expect((await send('?name=b.png', standard)).status).toBe(201);
    expect(received()).toMatchObject({ name: 'b.png', mediaType: 'image/png', digest: sha256(bytes) });
  });

  it('goes at the pace of the platform: what it does not take, its sender keeps', async () => {
    const { fileServer } = world.platform;
    let letGo = () => {};
    fileServer.hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const count = 1_500;
    let sent = 0;
    function* counted() {
      for (const block of blocks(count)) {
        sent += 1;
        yield block;
      }
    }
    const body = Readable.toWeb(Readable.from(counted(), { objectMode: false })) as RequestInit['body'];
    const answer = send('?name=large', body, { 'content-type': 'video/mp4' });
    let last = 0;
    await eventually('it has come to a halt', () => {
      const halted = sent > 0 && sent === last;
      last = sent;
      return halted;
    });
    expect(sent).toBeLessThan(count / 2);
    letGo();
    expect((await answer).status).toBe(201);
    expect(received()).toMatchObject({ bytes: count * 65_536, whole: true, contentLength: undefined });
  });

  it('larger than allowed is refused beforehand where that is known, and cut where it is not', async () => {
    const before = asked().length;
    const known = await world.fastify.inject({
      method: 'POST',
      url: `${new URL(base).pathname}?name=x`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'a/b', 'content-length': String(LIMIT + 1) },
      payload: 'x',
    });
    expect(known.json()).toMatchObject({ status: 413, code: 'payload-too-large' });
    expect(asked()).toHaveLength(before);
    const unknown = await send('?name=x', streamOf(Math.ceil(LIMIT / 65_536) + 1), { 'content-type': 'a/b' });
    expect(await unknown.json()).toMatchObject({ status: 413, code: 'payload-too-large' });
    expect(received()?.whole).toBe(false);
  });

  it('that its sender breaks off is broken off at the adapter, and never taken for a whole file', async () => {
    const { fileServer } = world.platform;
    const breakOff = async (headers: Record<string, string>, start: string) => {
      const before = fileServer.received.length;
      const broken = request(`${base}?name=broken`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, ...headers },
      });
      broken.on('error', () => undefined);
      broken.write(start);
      const upload = await eventually('it has begun', () => {
        const last = fileServer.received[before];
        return last && last.bytes > 0 && last;
      });
      broken.destroy();
      await eventually('the adapter sees the end', () => upload.over);
      return upload;
    };
    const raw = await breakOff({ 'content-type': 'a/b' }, 'x'.repeat(100_000));
    const [body, type] = form({ field: 'file', name: 'a', type: 'a/b', bytes: 'y'.repeat(200_000) });
    const inForm = await breakOff({ 'content-type': type }, body.toString().slice(0, 150_000));
    // A form that ends before its end, in an orderly request.
    const cut = await send('', body.subarray(0, body.length - 40), { 'content-type': type });
    expect(await cut.json()).toMatchObject({ status: 400, errors: [{ pointer: '/body' }] });
    expect([raw.whole, inForm.whole, received()?.whole]).toEqual([false, false, false]);
  });

  it('that the platform refuses, early or late, is answered with its reason', async () => {
    const { fileServer } = world.platform;
    for (const early of [true, false]) {
      const refusal = new InvalidRequestError('no such format', { platformStatus: 400 });
      fileServer.verdict = { status: 422, body: refusal.toWire(), early };
      const answer = await send('?name=x', streamOf(early ? 200 : 2), { 'content-type': 'a/b' });
      expect(await answer.json()).toMatchObject({
        status: 422,
        code: 'platform-invalid-request',
        detail: 'no such format',
        platform: { platform: 'acme', connectionId: ids.connectionId, status: 400 },
      });
    }
    fileServer.verdict = { status: 200, body: { no: 'file' } };
    expect((await send('?name=x', 'x', { 'content-type': 'a/b' })).status).toBe(502);
    fileServer.verdict = { status: 500, body: 'garbage' };
    expect((await send('?name=x', 'x', { 'content-type': 'a/b' })).status).toBe(503);
  });

  it('that is not well formed is refused before anything is asked of the platform', async () => {
    const before = asked().length;
    const file = { field: 'file', name: 'a', type: 'a/b', bytes: 'x' };
    const forms = [
      form({ field: 'other', name: 'a', bytes: 'x' }),
      form({ field: 'file', bytes: 'x' }),
      form({ field: 'comment', bytes: 'x' }, file),
      form(),
      [Buffer.from('no form'), 'multipart/form-data; boundary=x'] as const,
      [Buffer.from('no form'), 'multipart/form-data'] as const,
    ];
    for (const [body, type] of forms) expect((await send('', body, { 'content-type': type })).status).toBe(400);
    const call = caller(world, token);
    const path = new URL(base).pathname;
    expect((await call('POST', path, {})).json()).toMatchObject({ errors: [{ pointer: '/query/name' }] });
    expect((await call('POST', `${path}?name=x`)).json()).toMatchObject({ errors: [{ pointer: '/body' }] });
    const key = { 'idempotency-key': 'upload-1' };
    expect((await call('POST', `${path}?name=x`, {}, key)).json()).toMatchObject({
      errors: [{ pointer: '/header/idempotency-key' }],
    });
    const kind = await send('?name=x', 'x', { 'content-type': 'no kind' });
    expect(await kind.json()).toMatchObject({ errors: [{ pointer: '/header/content-type' }] });
    expect(asked()).toHaveLength(before);
    // What stands behind the file comes too late to be refused before; the file is not taken all the same.
    const [two, type] = form(file, { field: 'comment', bytes: 'x' });
    expect((await send('', two, { 'content-type': type })).status).toBe(400);
    expect(world.platform.fileServer.received.filter(({ name, whole }) => name === 'a' && whole)).toEqual([]);
  });
});
