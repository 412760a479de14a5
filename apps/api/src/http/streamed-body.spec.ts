import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { fastify } from 'fastify';
import { acceptStreams } from './streamed-body.ts';

describe('a body that does not come', () => {
  it('is answered after half a minute, and its connection closed; one that came is not', async () => {
    const clock = new ManualClock();
    const app = fastify();
    acceptStreams(app, clock, ({ code, status }, _request, reply) => void reply.code(status).send(code));
    let begun = () => {};
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    app.addHook('onRequest', (_request, _reply, done) => {
      begun();
      done();
    });
    app.post('/', async (request) => request.body);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;

    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"a":');
    await started;
    await clock.advance(29_000);
    expect(answer).toBe('');
    await clock.advance(2_000);
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*connection: close.*request-timeout$/is);

    const whole = await app.inject({ method: 'POST', url: '/', payload: { a: 1 } });
    await clock.advance(60_000);
    expect(whole.json()).toEqual({ a: 1 });
    await app.close();
  }, 60_000);
});

describe('a streamed body', () => {
  it('that is answered before its end may go on for ten seconds, and no longer', async () => {
    const clock = new ManualClock();
    const app = fastify();
    acceptStreams(app, clock, () => undefined);
    app.post('/', { config: { bodyStream: true } }, async (request, reply) => {
      expect(request.bodyType).toBe('application/json');
      return reply.code(401).send('no');
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"a":');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
    await eventually('the rest is bounded', () => clock.pending === 1);
    const closed = once(socket, 'close');
    await clock.advance(11_000);
    await closed;
    await app.close();
  }, 60_000);
});
