import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSealingKey, repositoryRoot } from '@tributary/testing/harness';
import { capture } from './command.ts';
import { SetupProblem } from './progress.ts';

/** What this machine's house keeps: its keys, its logs, where it is. A second house has a folder of its own. */
export const stateFolder = process.env.TRIBUTARY_STATE ?? join(repositoryRoot, '.tributary');

/** A file that only its owner reads; made by `make` the first time. */
function kept(name: string, make: () => string): string {
  const file = join(stateFolder, name);
  if (!existsSync(file)) keep(name, make());
  return readFileSync(file, 'utf8').trim();
}

function keep(name: string, content: string): void {
  const file = join(stateFolder, name);
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(file, `${content}\n`);
  chmodSync(file, 0o600);
}

/** The keys that seal stored credentials: the same at each start, or what is stored could not be opened again. */
export const sealingKeys = (): string => process.env.TRIBUTARY_KEYS ?? kept('sealing-keys', newSealingKey);

/** Where the house is that is up, for programs that want to call it. */
export const keepAddress = (apiUrl: string): void => keep('address', apiUrl);

const REQUEST_DEADLINE_MS = 10_000;
const PROGRAM_DEADLINE_MS = 120_000;

export async function migrateDatabase(databaseUrl: string, signal: AbortSignal): Promise<void> {
  await runBuilt('libs/database/dist/migrate-main.js', { DATABASE_URL: databaseUrl }, signal);
}

interface KeyOptions {
  databaseUrl: string;
  apiUrl: string;
  signal: AbortSignal;
}

/** The key of the last start while the API still takes it, else a new one. */
export async function obtainApiKey({ databaseUrl, apiUrl, signal }: KeyOptions): Promise<string> {
  const file = join(stateFolder, 'api-key');
  if (existsSync(file)) {
    const key = readFileSync(file, 'utf8').trim();
    if (await isTaken(apiUrl, key)) return key;
  }
  const env = { DATABASE_URL: databaseUrl, KEY_NAME: 'npm run up' };
  const key = (await runBuilt('apps/api/dist/create-key-main.js', env, signal)).trim();
  keep('api-key', key);
  return key;
}

async function isTaken(apiUrl: string, key: string): Promise<boolean> {
  const answer = await fetch(`${apiUrl}/v1/platforms`, {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
  });
  await answer.body?.cancel();
  return answer.ok;
}

/** Runs one of the house's own programs to its end; returns what it printed to standard output. */
async function runBuilt(entry: string, env: Record<string, string>, signal: AbortSignal): Promise<string> {
  const options = { env: { ...process.env, ...env }, signal, deadlineMs: PROGRAM_DEADLINE_MS };
  const result = await capture(process.execPath, [join(repositoryRoot, entry)], options);
  if (result.code !== 0) throw new SetupProblem(`${entry} failed (exit code ${result.code}):\n${result.output}`);
  return result.stdout;
}
