import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds apps/ and libs/. */
export const repositoryRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');

/** Services are found by folder; nothing lists them by hand. */
export const adapterNames = (): string[] =>
  readdirSync(join(repositoryRoot, 'apps'))
    .filter((name) => name.startsWith('adapter-'))
    .toSorted();

/** The built service; `root` is a folder that holds apps/ and libs/, such as a copy of this one. */
export const entryOf = (app: string, root = repositoryRoot): string => join(root, 'apps', app, 'dist', 'main.js');
export const simulatorsEntry = join(repositoryRoot, 'libs', 'simulators', 'dist', 'main.js');
