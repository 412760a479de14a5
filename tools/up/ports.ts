import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { SetupProblem, say } from './progress.ts';

export const API_PORT = 8080;

/** The port somebody asked for, or none; the usual one where it is free; else any free one, and says so. */
export async function choosePort(asked: string | undefined, usual = API_PORT): Promise<number> {
  if (asked !== undefined) return portAsked(asked);
  if (await isFree(usual)) return usual;
  const port = await anyFreePort();
  say(`  ! port ${usual} is taken by another program: the api listens on ${port} (API_PORT=… chooses one)`);
  return port;
}

async function portAsked(asked: string): Promise<number> {
  const port = Number(asked);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new SetupProblem('API_PORT is not a port (1–65535).');
  // Somebody said which: silently using another one would be a surprise.
  if (!(await isFree(port))) throw new SetupProblem(`API_PORT is ${port}, but another program uses that port.`);
  return port;
}

const isFree = (port: number): Promise<boolean> => listenOnce(port).then(Boolean);

async function anyFreePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === undefined) throw new SetupProblem('No port is free on this machine.');
  return port;
}

async function listenOnce(port: number): Promise<number | undefined> {
  const server = createServer().listen(port);
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const { port: got } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return got;
}
