import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { choosePort } from './ports.ts';

let server: Server;
let port: number;
let said: ReturnType<typeof jest.spyOn>;
beforeEach(async () => {
  server = createServer().listen(0);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  said = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  server.close();
});

describe('port of the api', () => {
  it('is the usual one where it is free', async () => {
    server.close();
    await once(server, 'close');
    expect(await choosePort(undefined, port)).toBe(port);
    expect(said).not.toHaveBeenCalled();
  });

  it('is another one, and that is said, where the usual one is taken', async () => {
    const chosen = await choosePort(undefined, port);
    expect(chosen).not.toBe(port);
    expect(said).toHaveBeenCalledWith(expect.stringContaining(`port ${port} is taken`));
  });

  it('is never another one than asked for', async () => {
    await expect(choosePort(String(port))).rejects.toThrow(`API_PORT is ${port}, but another program uses that port.`);
  });

  it.each(['abc', '0', '70000', ''])('is refused where it is none: “%s”', async (asked) => {
    await expect(choosePort(asked)).rejects.toThrow('API_PORT is not a port');
  });
});
