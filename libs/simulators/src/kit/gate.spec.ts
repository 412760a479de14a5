import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { Gate } from './gate.ts';

const open: Gate[] = [];
afterEach(() => Promise.all(open.splice(0).map((gate) => gate.close())));

async function echoGate(): Promise<Gate> {
  const gate = await Gate.open({ host: '127.0.0.1', port: 0, accept: (socket) => socket.pipe(socket) });
  open.push(gate);
  return gate;
}

const dial = (gate: Gate): Socket => connect(gate.port, '127.0.0.1');

async function echoes(socket: Socket): Promise<boolean> {
  socket.write('hello');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString() === 'hello';
}

const failure = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.once('end', () => resolve('end'));
  });

describe('Gate', () => {
  it('lets through, refuses during an outage, and opens again on the same port', async () => {
    const gate = await echoGate();
    const before = dial(gate);
    expect(await echoes(before)).toBe(true);
    const cut = failure(before);
    await gate.shut('refuse');
    expect(await cut).toBe('ECONNRESET');
    expect(await failure(dial(gate))).toBe('ECONNREFUSED');
    const port = gate.port;
    await gate.reopen();
    expect(gate.port).toBe(port);
    const after = dial(gate);
    expect(await echoes(after)).toBe(true);
    after.destroy();
  });

  it('accepts and drops, or accepts and says nothing', async () => {
    const gate = await echoGate();
    await gate.shut('close');
    expect(await failure(dial(gate))).toBe('ECONNRESET');
    await gate.shut('hang');
    const silent = dial(gate);
    await once(silent, 'connect');
    silent.write('hello');
    let answered = false;
    silent.once('data', () => {
      answered = true;
    });
    const over = failure(silent);
    await gate.reopen();
    expect(await over).toBe('ECONNRESET');
    expect(answered).toBe(false);
  });

  it('stands before TLS too: lets through, cuts, accepts and drops, or says nothing', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    });
    const gate = await Gate.open({
      host: '127.0.0.1',
      port: 0,
      tls: { cert, key },
      accept: (socket) => socket.pipe(socket),
    });
    open.push(gate);
    const dialTls = (ca?: string): TLSSocket =>
      connectTls({ port: gate.port, host: '127.0.0.1', servername: 'localhost', ...(ca ? { ca } : {}) });
    const before = dialTls(cert);
    expect(await echoes(before)).toBe(true);
    const cut = failure(before);
    gate.cut();
    expect(await cut).toBe('ECONNRESET');
    await gate.shut('close');
    expect(await failure(dialTls(cert))).toBe('ECONNRESET');
    await gate.shut('hang');
    const silent = dialTls(cert);
    let secured = false;
    silent.once('secureConnect', () => {
      secured = true;
    });
    await once(silent, 'connect');
    const over = failure(silent);
    await gate.reopen();
    expect([await over, secured]).toEqual(['ECONNRESET', false]);
    // Who does not trust the certificate, and who speaks no TLS, does no harm.
    expect(await failure(dialTls())).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    const plain = dial(gate);
    plain.write('GET / HTTP/1.1\r\n\r\n');
    await once(plain, 'close');
    const after = dialTls(cert);
    expect(await echoes(after)).toBe(true);
    after.destroy();
  });
});
