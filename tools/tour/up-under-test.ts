import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adapterNames, dropTopology, repositoryRoot, sharedBacking, unusedPort } from '@tributary/testing/harness';
import { Redis } from 'ioredis';
import pg from 'pg';

export interface Ended {
  code: number | null;
  output: string;
}

/** What the last line of the start says. */
const IS_UP = 'Ctrl-C stops everything.';
/** Node 22 needs to be told. */
const FLAGS = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];

/**
 * A house of `npm run up` beside the one that its developer may have up: with a database, a namespace, a folder and ports
 * of its own. What is built already is started.
 */
export class UpUnderTest {
  readonly #namespace: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #databaseUrl: string;
  readonly #state = mkdtempSync(join(tmpdir(), 'tributary-up-'));
  #up: ChildProcess | undefined;
  #printed = '';

  private constructor(namespace: string, port: number) {
    this.#namespace = namespace;
    const database = new URL(sharedBacking.databaseUrl);
    database.pathname = `/${namespace.replaceAll('-', '_')}`;
    this.#databaseUrl = database.href;
    const { NODE_OPTIONS: _ofJest, ...env } = process.env;
    this.#env = {
      ...env,
      DATABASE_URL: database.href,
      TRIBUTARY_NAMESPACE: namespace,
      TRIBUTARY_STATE: this.#state,
      API_PORT: String(port),
      SIMULATORS_PORTS: 'any',
    };
  }

  static async start(namespace: string): Promise<UpUnderTest> {
    const made = new UpUnderTest(namespace, await unusedPort());
    await made.#start();
    return made;
  }

  /** Everything it has printed. */
  get printed(): string {
    return this.#printed;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#env.API_PORT}`;
  }

  get key(): string {
    return /^API key +(\S+)$/m.exec(this.#printed)?.[1] ?? '';
  }

  /** Addresses of all that it has started, from its own table. */
  get addresses(): string[] {
    const rows = this.#printed.matchAll(/^ +\S.*? +(http:\/\/127\.0\.0\.1:\d+)/gm);
    return [...rows].map(([, address = '']) => address);
  }

  /** Runs one of the tools against it, or any other program. */
  async run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const child = spawn(command, args, { cwd: repositoryRoot, env: { ...this.#env, ...env }, stdio: 'pipe' });
    child.stdin.end();
    return ended(child);
  }

  tool(file: string, ...args: string[]): Promise<Ended> {
    return this.run(process.execPath, [...FLAGS, join(repositoryRoot, 'tools', file), ...args]);
  }

  /** Ctrl-C, and whatever it says before it is gone. */
  async interrupt(): Promise<number | null> {
    const up = this.#up;
    if (!up || up.exitCode !== null) return up?.exitCode ?? null;
    const exited = once(up, 'exit');
    up.kill('SIGINT');
    return (await exited)[0] as number | null;
  }

  /** Ends what may still run, and removes what is left of it in the services. */
  async remove(): Promise<void> {
    await this.interrupt();
    const maintenance = new pg.Client({ connectionString: new URL('/postgres', this.#databaseUrl).href });
    await maintenance.connect();
    await maintenance.query(`drop database if exists "${new URL(this.#databaseUrl).pathname.slice(1)}" with (force)`);
    await maintenance.end();
    const platforms = adapterNames().map((app) => app.slice('adapter-'.length));
    await dropTopology(sharedBacking.rabbitmqUrl, this.#namespace, platforms);
    const redis = new Redis(sharedBacking.redisUrl);
    for await (const keys of redis.scanStream({ match: `*${this.#namespace}*`, count: 500 })) {
      if ((keys as string[]).length > 0) await redis.del(...(keys as string[]));
    }
    redis.disconnect();
    rmSync(this.#state, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const entry = join(repositoryRoot, 'tools', 'up', 'main.ts');
    const up = spawn(process.execPath, [...FLAGS, entry, 'up', '--built'], {
      cwd: repositoryRoot,
      env: this.#env,
      // The channel tells it when the test is gone, however that happens.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#up = up;
    const isUp = new Promise<void>((resolve, reject) => {
      const take = (bytes: Buffer) => {
        this.#printed += bytes;
        if (this.#printed.includes(IS_UP)) resolve();
      };
      up.stdout?.on('data', take);
      up.stderr?.on('data', take);
      up.once('exit', (code) => reject(new Error(`it left with ${code}:\n${this.#printed}`)));
    });
    await isUp.catch(async (error: unknown) => {
      await this.remove();
      throw error;
    });
  }
}

async function ended(child: ChildProcess): Promise<Ended> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (output += bytes));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
