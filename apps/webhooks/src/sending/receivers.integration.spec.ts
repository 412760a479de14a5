import type { lookup } from 'node:dns';
import { createServer } from 'node:http';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkHost, systemClock } from '@tributary/runtime';
import { generate } from 'selfsigned';
import { Receivers, type ReceiversOptions } from './receivers.ts';

let plain: Server | ReturnType<typeof createServer>;
let secure: Server;
let connections = 0;
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }]);
  plain = createServer((_request, response) => void response.writeHead(204).end());
  secure = createTlsServer({ key: pair.private, cert: pair.cert }, (_request, response) => void response.end());
  for (const server of [plain, secure]) {
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
});
afterAll(() => {
  for (const server of [plain, secure]) {
    server.closeAllConnections();
    server.close();
  }
});

async function post(url: string, options: Partial<ReceiversOptions> = {}) {
  const receivers = new Receivers({ timeoutMs: 2_000, allowPrivateAddresses: false, clock: systemClock, ...options });
  try {
    const what = { subscriptionId: 'sub_x', url, headers: {}, body: '{}', secrets: [] };
    return await receivers.post(what, new AbortController().signal);
  } finally {
    await receivers.close();
  }
}

describe('addresses of receivers', () => {
  it('that are private are not dialled, whether written or resolved', async () => {
    connections = 0;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433', '169.254.169.254'])
      expect(await post(`https://${host}:${portOf(secure)}/`)).toMatchObject({ outcome: 'address-refused' });
    expect(await post(`http://8.8.8.8:${portOf(plain)}/`)).toMatchObject({ outcome: 'address-refused' });
    expect(connections).toBe(0);
  });

  it('that were public when they were given and are private when they are dialled are refused', async () => {
    const answers = ['93.184.215.14', '127.0.0.1'];
    const changing = ((_host: string, _options: object, callback: (error: null, found: object[]) => void) =>
      callback(null, [{ address: answers.shift() ?? '127.0.0.1', family: 4 }])) as unknown as typeof lookup;
    await checkHost('rebind.example', false, changing);
    connections = 0;
    const result = await post(`https://rebind.example:${portOf(secure)}/`, { resolve: changing });
    expect(result).toMatchObject({ outcome: 'address-refused' });
    expect(connections).toBe(0);
  });

  it('must be who they say they are', async () => {
    const result = await post(`https://localhost:${portOf(secure)}/`, { allowPrivateAddresses: true });
    expect(result).toMatchObject({ outcome: 'untrusted' });
  });

  it('where nobody answers, or nobody is, are told apart from those that are too slow', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const open = { allowPrivateAddresses: true, timeoutMs: 300 };
    expect(await post(`http://127.0.0.1:${portOf(silent)}/`, open)).toMatchObject({ outcome: 'timeout' });
    silent.closeAllConnections();
    const port = portOf(silent);
    await new Promise((resolve) => silent.close(resolve));
    expect(await post(`http://127.0.0.1:${port}/`, open)).toMatchObject({ outcome: 'unreachable' });
    expect(await post(`http://127.0.0.1:${portOf(plain)}/`, open)).toMatchObject({ outcome: 'delivered', status: 204 });
  });
});
