import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { z } from 'zod';
import { failureOf, get, reply, vendorRig } from './testing/vendor-rig.ts';

const rig = vendorRig();

describe('hostile and broken answers', () => {
  const once = { lane: 'interactive', idempotent: false } as const;

  it('gives up on headers that do not come', async () => {
    const clock = new ManualClock();
    const arrived = new Promise<void>((resolve) => {
      rig.handler = () => resolve();
    });
    const failing = failureOf(rig.http({}, rig.access({ clock })).send(get('/', once)));
    await arrived;
    await clock.advance(12_000);
    expect(await failing).toMatchObject({ code: 'timeout', platformCode: 'answer-lost' });
  });

  it('gives up on a body that trickles past the deadline', async () => {
    const clock = new ManualClock();
    const arrived = new Promise<void>((resolve) => {
      rig.handler = (_request, response) => {
        response.writeHead(200).write('{"a":');
        resolve();
      };
    });
    const failing = failureOf(rig.http({}, rig.access({ clock })).json(get('/', once), z.unknown()));
    await arrived;
    await clock.advance(12_000);
    expect(await failing).toMatchObject({ code: 'timeout' });
  });

  it('gives up on a download that falls silent', async () => {
    rig.handler = (_request, response) => response.writeHead(200).write('some');
    const made = rig.http({}, rig.access({ operationPolicy: { bulk: { idleMs: 300 } } }));
    const { bytes } = await made.stream(get('/', once));
    const reading = (async () => {
      for await (const chunk of bytes) expect(Buffer.from(chunk).toString()).toBe('some');
    })();
    expect(await failureOf(reading)).toMatchObject({ code: 'timeout' });
  });

  it.each([true, false])('a truncated body of an idempotent (%p) call', async (idempotent) => {
    rig.handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"a":1');
      setImmediate(() => response.destroy());
    };
    const failing = rig.http().send(get('/', { lane: 'interactive', idempotent }));
    const code = idempotent ? 'unavailable' : 'timeout';
    expect(await failureOf(failing)).toMatchObject({ code, platformCode: 'answer-lost' });
    expect(rig.seen).toHaveLength(idempotent ? 2 : 1);
  });

  it('a gzip body that is cut is malformed, not data', async () => {
    const packed = gzipSync('{"a":1}'.repeat(1_000));
    rig.handler = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length - 12));
    expect(await failureOf(rig.http().send(get('/')))).toMatchObject({ code: 'malformed-response' });
  });

  it.each([
    ['gzip', () => gzipSync(Buffer.alloc(200 * 1024 * 1024))],
    [
      'br',
      () => brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
    ],
  ])('a bomb of %s is refused before it is unpacked', async (encoding, make) => {
    const bomb = make();
    rig.handler = (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
    const before = process.memoryUsage().rss;
    expect(await failureOf(rig.http().send(get('/')))).toMatchObject({ code: 'malformed-response' });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('a bomb is refused by its proportion, however large the cap; what unpacks beyond the cap by its size', async () => {
    const [bomb, modest] = [gzipSync(Buffer.alloc(20 * 1024 * 1024)), gzipSync('0123456789'.repeat(30_000))];
    rig.handler = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    const error = await failureOf(rig.http().send(get('/', { maxBytes: 512 * 1024 * 1024 })));
    expect(error.message).toContain('proportion');
    rig.handler = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(modest);
    const large = await failureOf(rig.http().send(get('/', { maxBytes: 100_000 })));
    expect(large.message).toContain('larger than 100000 bytes');
  });

  it('more than one encoding, or one not asked for, is refused', async () => {
    for (const encoding of ['gzip, gzip', 'deflate', 'zstd']) {
      rig.handler = (_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end('x');
      expect(await failureOf(rig.http().send(get('/')))).toMatchObject({ code: 'malformed-response' });
    }
  });

  it('an answer above its cap is refused, whether announced or not', async () => {
    rig.handler = (_request, response) => reply(response, 200, 'x'.repeat(2_000));
    expect(await failureOf(rig.http().send(get('/', { maxBytes: 1_000 })))).toMatchObject({
      code: 'malformed-response',
    });
  });

  it('HTML in a 200, an empty body and a wrong shape name no value', async () => {
    const schema = z.object({ data: z.array(z.object({ id: z.string() })) });
    const texts = [
      '<html>secret</html>',
      '',
      '{"data":[{"id":"a"},{"id":{"secret":1}}]}',
      'secret',
      '['.repeat(200_000),
    ];
    const errors = [];
    for (const text of texts) {
      rig.handler = (_request, response) => reply(response, 200, text);
      errors.push(await failureOf(rig.http().json(get('/'), schema)));
    }
    for (const error of errors) {
      expect(error).toMatchObject({ code: 'malformed-response' });
      expect(error.message).not.toContain('secret');
    }
    expect(errors[0]?.message).toContain('HTML');
    expect(errors[2]?.message).toContain('data.1.id (invalid_type)');
  });

  it('keys that poison prototypes do not arrive', async () => {
    rig.handler = (_request, response) =>
      reply(
        response,
        200,
        '{"__proto__":{"admin":true},"\\u005f_proto__":1,"a":{"constructor":{"prototype":{"x":1}},"b":1}}',
      );
    const answer = await rig.http().json(get('/'), z.looseObject({}));
    expect(Object.keys(answer)).toEqual(['a']);
    expect(answer.a).toEqual({ b: 1 });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
