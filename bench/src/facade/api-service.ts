import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type House, repositoryRoot } from '@tributary/testing/harness';
import type { Backing } from '../measuring/backing.ts';

export interface RunningApi {
  origin: string;
  pid: number;
  headers: Record<string, string>;
}

/** The api with its defaults, and a key that may read. */
export async function startApi(house: House, backing: Backing, env: Record<string, string> = {}): Promise<RunningApi> {
  const service = house.spawnApp('api', env);
  const { port } = await service.ready();
  const entry = join(repositoryRoot, 'apps', 'api', 'dist', 'create-key-main.js');
  const made = await promisify(execFile)(process.execPath, [entry], {
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: backing.urls.databaseUrl, KEY_SCOPES: 'read' },
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    pid: service.pid,
    headers: { authorization: `Bearer ${made.stdout.trim()}` },
  };
}
