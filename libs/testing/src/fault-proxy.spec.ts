import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from './conditions.ts';
import { FaultProxy } from './fault-proxy.ts';

describe('FaultProxy', () => {
  let echo: Server;
  let proxy: FaultProxy;

  beforeEach(async () => {
    echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await FaultProxy.start({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  });

  afterEach(async () => {
    await proxy.stop();
    echo.close();
  });

  const dial = async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    const received: Buffer[] = [];
    let ended: string | undefined;
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', (error) => {
      ended = (error as NodeJS.ErrnoException).code;
    });
    socket.on('close', () => {
      ended ??= 'closed';
    });
    let connected = false;
    socket.on('connect', () => {
      connected = true;
    });
    await eventually('connected or refused', () => connected || ended !== undefined);
    return { socket, text: () => Buffer.concat(received).toString(), ended: () => ended };
  };

  it('passes bytes both ways', async () => {
    const line = await dial();
    line.socket.write('hello');
    await eventually('the echo', () => line.text() === 'hello');
    line.socket.destroy();
  });

  it('cuts after exactly the given number of bytes of the reply', async () => {
    proxy.set('downstream', { cutAfterBytes: 4 });
    const line = await dial();
    line.socket.write('0123456789');
    await eventually('the cut', () => line.ended());
    expect(line.text().length).toBeLessThanOrEqual(4);
  });

  it('swallows bytes while the connection stays open', async () => {
    proxy.set('upstream', { blackHole: true });
    const line = await dial();
    line.socket.write('lost');
    await eventually('the bytes are swallowed', () => proxy.swallowedBytes === 4);
    proxy.set('upstream', {});
    line.socket.write('kept');
    await eventually('an echo', () => line.text().length > 0);
    expect(line.ended()).toBeUndefined();
    expect(line.text()).toBe('kept');
    line.socket.destroy();
  });

  it('is down for old and new connections until it is up', async () => {
    const line = await dial();
    proxy.down();
    await eventually('the old connection ends', () => line.ended());
    const second = await dial();
    await eventually('the new connection ends', () => second.ended());
    proxy.up();
    const third = await dial();
    third.socket.write('x');
    await eventually('the echo', () => third.text() === 'x');
    third.socket.destroy();
  });
});
