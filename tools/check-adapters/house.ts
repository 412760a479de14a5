import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export const adapterFolders = (): string[] =>
  readdirSync(join(root, 'apps'))
    .filter((name) => name.startsWith('adapter-'))
    .map((name) => join(root, 'apps', name));

export const packageFolders = (): string[] =>
  ['apps', 'libs'].flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)));

export interface PackageFile {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export const packageOf = (folder: string): PackageFile =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;

const SKIPPED = new Set(['node_modules', 'dist', 'generated', '.turbo']);

/** Files below a folder, by path from the root of the repository. */
export function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    if (SKIPPED.has(name)) return [];
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path, ending);
    return name.endsWith(ending) ? [relative(root, path)] : [];
  });
}
