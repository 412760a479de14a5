import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AdapterDefinition, probeOnce } from '@tributary/adapter-kit';
import { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const DEADLINE_MS = 60_000;

/** As `POST /v1/connections` takes it; other members are passed over. */
const connection = z.object({
  settings: z.record(z.string(), z.json()),
  credentials: z.record(z.string(), z.string()),
});
type Connection = z.output<typeof connection>;

interface StartedSimulator {
  demoConnection: unknown;
  stop(): Promise<void>;
}

const usage = `usage: probe <platform> [<file with {settings, credentials} as JSON, or - for standard input>]
Without a file the platform's simulator is started and probed. Build first: pnpm build\n`;

/** Logs in to a platform and makes its cheapest authenticated call. 0 well, 1 not, 2 asked wrongly. */
async function main([platform, file]: string[]): Promise<number> {
  const entry = join(root, 'apps', `adapter-${platform}`, 'dist', 'adapter.js');
  if (!platform || !existsSync(entry)) {
    process.stderr.write(platform ? `probe: ${entry} is not there; is it built?\n${usage}` : usage);
    return 2;
  }
  const { adapter } = (await import(pathToFileURL(entry).href)) as { adapter: AdapterDefinition };
  if (file) return probe(adapter, read(file), false);
  const simulator = await startSimulator(platform);
  try {
    return await probe(adapter, connection.parse(simulator.demoConnection), true);
  } finally {
    await simulator.stop();
  }
}

async function probe(definition: AdapterDefinition, given: Connection, isSimulator: boolean): Promise<number> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const { ok, checks } = await probeOnce(definition, { ...given, allowPrivateAddresses: isSimulator, signal });
  for (const check of checks) {
    const detail = check.detail === undefined ? '' : `: ${check.detail}`;
    process.stdout.write(`${check.ok ? 'ok  ' : 'FAIL'} ${check.name}${detail}\n`);
  }
  return ok ? 0 : 1;
}

/** Problems name paths and never values: there are secrets in it. */
function read(file: string): Connection {
  const parsed = connection.safeParse(jsonOf(readFileSync(file === '-' ? 0 : file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new TypeError(`${file} is no connection: ${parsed.error.issues.map(({ path }) => path.join('/')).join(', ')}`);
}

/** A parser's own message would quote the text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function startSimulator(platform: string): Promise<StartedSimulator> {
  const index = pathToFileURL(join(root, 'libs', 'simulators', 'dist', 'index.js')).href;
  const simulators = (await import(index)) as { startSimulator(platform: string): Promise<StartedSimulator> };
  return simulators.startSimulator(platform);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`probe: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
