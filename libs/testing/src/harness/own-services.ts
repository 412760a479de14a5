import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../conditions.ts';

/**
 * Backing services of a test's own, so that it may kill, stop, wipe and restart them while other tests use the shared
 * ones. Each is made of the programs that Debian's packages install; `ownServices.missing()` says what is absent.
 */
export interface OwnService {
  readonly url: string;
  readonly port: number;
  /** Orderly, keeping its data. */
  stop(): Promise<void>;
  /** SIGKILL to all of its processes, keeping its data. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

/** A broker that can be told what `rabbitmqctl` tells a broker. */
export interface OwnRabbitmq extends OwnService {
  /** Runs `rabbitmqctl` with these arguments; throws what it wrote when it fails. */
  control(...args: string[]): Promise<void>;
}

const START_MS = 90_000;
const run = promisify(execFile);

/** A port of loopback that nobody listens on now. */
export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Does anything accept connections there? */
export const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket
      .once('error', () => resolve(false))
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      });
  });

function folder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `tributary-${name}-`));
  chmodSync(path, 0o777);
  return path;
}

const isRoot = process.getuid?.() === 0;

/** Postgres refuses to run as root. */
const asPostgres = (command: string, args: string[]): [string, string[]] =>
  isRoot ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args];

function postgresPrograms(): string | undefined {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).toSorted((a, b) => Number(b) - Number(a)) : [];
  return versions.map((v) => join(base, v, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

const RABBITMQ = '/usr/lib/rabbitmq/bin';

/** Programs that are not installed, by the Debian package that has them. */
export function missingPrograms(): string[] {
  return [
    ...(postgresPrograms() ? [] : ['postgresql']),
    ...(existsSync(join(RABBITMQ, 'rabbitmq-server')) ? [] : ['rabbitmq-server']),
    ...(spawnSync('redis-server', ['--version']).status === 0 ? [] : ['redis-server']),
  ];
}

export async function ownPostgres(): Promise<OwnService> {
  const bin = postgresPrograms();
  if (!bin) throw new Error('postgresql is not installed');
  const data = folder('postgres');
  const port = await unusedPort();
  await finished(
    asPostgres(join(bin, 'initdb'), [
      '-D',
      join(data, 'db'),
      '-A',
      'trust',
      '-U',
      'postgres',
      '-E',
      'UTF8',
      '--no-sync',
    ]),
    data,
  );
  const control = (...args: string[]) =>
    finished(asPostgres(join(bin, 'pg_ctl'), ['-D', join(data, 'db'), '-l', join(data, 'log'), '-w', ...args]), data);
  const start = () => control('-o', `-p ${port} -k ${data} -c listen_addresses=127.0.0.1`, 'start');
  await start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/tributary`,
    port,
    start,
    stop: () => control('-m', 'fast', 'stop'),
    kill: () => control('-m', 'immediate', 'stop'),
    remove: async () => {
      spawnSync(...asPostgres(join(bin, 'pg_ctl'), ['-D', join(data, 'db'), '-m', 'immediate', '-w', 'stop']), {
        cwd: data,
      });
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/**
 * Runs a program to its end; throws when it fails. Postgres keeps running after the program that started it has left:
 * it must not inherit our pipes.
 */
async function finished([command, args]: [string, string[]], cwd: string): Promise<void> {
  const child = spawn(command, args, { stdio: 'ignore', cwd });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} left with ${code}`);
}

export async function ownRedis(): Promise<OwnService> {
  const port = await unusedPort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--maxmemory-policy',
    'noeviction',
  ];
  let child: ChildProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const start = async () => {
    child = spawn('redis-server', args, { stdio: 'ignore' });
    await eventually('redis answers', () => redisAnswers(port), { timeoutMs: START_MS });
  };
  await start();
  const stop = () => end('SIGTERM');
  return { url: `redis://127.0.0.1:${port}`, port, start, stop, kill: () => end('SIGKILL'), remove: stop };
}

const redisAnswers = (port: number): boolean =>
  spawnSync('redis-cli', ['-p', String(port), 'ping'])
    .stdout?.toString()
    .trim() === 'PONG';

export async function ownRabbitmq(): Promise<OwnRabbitmq> {
  const data = folder('rabbitmq');
  const port = await unusedPort();
  const distribution = await unusedPort();
  const name = `tributary-${port}@localhost`;
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: data,
    LANG: 'C.UTF-8',
    RABBITMQ_NODENAME: name,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(data, 'mnesia'),
    RABBITMQ_LOG_BASE: join(data, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(data, 'plugins'),
    RABBITMQ_CONF_ENV_FILE: join(data, 'none'),
    // The machine's own settings would name the machine's own port.
    RABBITMQ_CONFIG_FILE: join(data, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(data, 'none.config'),
    // Idle schedulers that spin would take the cores from everything else on a small machine.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
  };
  writeFileSync(join(data, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\nloopback_users = none\n`);
  // Beside this process, which may be what answers for the platforms: it must not stand still meanwhile.
  const control = async (...args: string[]) => {
    await run(join(RABBITMQ, 'rabbitmqctl'), ['-n', name, '-q', ...args], { env, timeout: START_MS });
  };
  let child: ChildProcess | undefined;
  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const start = async () => {
    child = spawn(join(RABBITMQ, 'rabbitmq-server'), [], { env, stdio: 'ignore', detached: true });
    await eventually('rabbitmq answers', () => control('await_startup').then(() => true), { timeoutMs: START_MS });
  };
  const stop = async () => {
    if (!running() || !child) return;
    const gone = once(child, 'exit');
    await control('stop');
    await gone;
  };
  const kill = async () => {
    if (!running() || !child?.pid) return;
    process.kill(-child.pid, 'SIGKILL');
    await once(child, 'exit');
    // The shell in front of the virtual machine goes first.
    await eventually('its port is free', async () => !(await listens(port)));
  };
  await start();
  const remove = async () => {
    await kill();
    rmSync(data, { recursive: true, force: true });
  };
  return { url: `amqp://guest:guest@127.0.0.1:${port}`, port, start, stop, kill, remove, control };
}
