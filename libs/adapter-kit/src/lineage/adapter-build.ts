import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { AdapterBuild } from './via-of.ts';

const packageFile = z.object({ name: z.string(), version: z.string() });
const MAPS = /^mapping\b.*\.js$/;
const DIGEST_LENGTH = 12;

/**
 * What an adapter is, read from the files that were built: `main` is the path of its entry. Two processes with equal
 * digests run the same code. Throws what the file system throws.
 */
export async function adapterBuild(main: string): Promise<AdapterBuild> {
  const root = dirname(main);
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.js')).toSorted();
  const files = await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(root, name)) })));
  const mapping = files.filter(({ name }) => MAPS.test(name));
  const { name, version } = packageFile.parse(JSON.parse(await readFile(join(root, '..', 'package.json'), 'utf8')));
  const build = { adapter: `${name.replace(/^@[^/]*\//, '')} ${version} ${digestOf(files)}`.slice(0, 120) };
  return mapping.length === 0 ? build : { ...build, mapping: digestOf(mapping) };
}

function digestOf(files: readonly { name: string; bytes: Buffer }[]): string {
  const hash = createHash('sha256');
  for (const { name, bytes } of files) hash.update(`${name}:${bytes.length};`).update(bytes);
  return hash.digest('base64url').slice(0, DIGEST_LENGTH);
}
