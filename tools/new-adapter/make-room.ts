import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export interface NewPlatform {
  /** Lower-case letters and digits. */
  id: string;
  /** As people write it. */
  displayName: string;
}

const template = join(import.meta.dirname, 'template');
const ENDING = '.template';
const RULE = /^## (?<id>[a-z0-9-]+)/gm;

/** Two lower-case letters or digits at least, beginning with a letter: it becomes part of names everywhere. */
export const isPlatformId = (text: string | undefined): text is string => /^[a-z][a-z0-9]{1,30}$/.test(text ?? '');

/**
 * Makes the room of an adapter and of its simulator from the template, below `root`, and the simulator's export. Returns
 * the files that were written, by path from the root. Throws when one of the rooms is there already; nothing is written
 * then.
 */
export function makeRoom(root: string, platform: NewPlatform): string[] {
  const rooms = {
    adapter: join(root, 'apps', `adapter-${platform.id}`),
    simulator: join(root, 'libs', 'simulators', 'src', platform.id),
  };
  const taken = Object.values(rooms).find((room) => existsSync(room));
  if (taken) throw new Error(`${relative(root, taken)} is there already`);
  const written = Object.entries(rooms).flatMap(([name, room]) => copy(join(template, name), room, platform));
  written.push(writeAnswers(root, rooms.adapter));
  exportSimulator(root, platform);
  return written.map((file) => relative(root, file));
}

function copy(from: string, to: string, platform: NewPlatform): string[] {
  return readdirSync(from).flatMap((name) => {
    const source = join(from, name);
    if (statSync(source).isDirectory()) return copy(source, join(to, name), platform);
    const target = join(to, name.slice(0, -ENDING.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, named(readFileSync(source, 'utf8'), platform));
    return [target];
  });
}

/** The template speaks of `acme`: as an id, as part of a name of code, as an operation, and as people write it. */
export const named = (text: string, { id, displayName }: NewPlatform): string =>
  text
    .replaceAll(/Acme(?=[A-Z])|(?<=start)Acme/g, capitalised(id))
    .replaceAll('Acme', displayName)
    .replaceAll('ACME', id.toUpperCase())
    .replaceAll('acme', id);

const capitalised = (id: string): string => `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`;

/** Every rule of the house is answered with `todo`. */
function writeAnswers(root: string, room: string): string {
  const rules = [...readFileSync(join(root, 'docs', 'quality.md'), 'utf8').matchAll(RULE)].map(
    (match) => match.groups?.id ?? '',
  );
  const file = join(room, 'quality.yaml');
  const answers = rules.map((rule) => `${rule}: todo\n`).join('');
  writeFileSync(file, `# Answers to docs/quality.md: done, todo, or exempt with a reason.\n${answers}`);
  return file;
}

function exportSimulator(root: string, { id }: NewPlatform): void {
  const name = capitalised(id);
  const index = join(root, 'libs', 'simulators', 'src', 'index.ts');
  appendFileSync(index, `export { type ${name}Simulator, start${name} } from './${id}/server.ts';\n`);
}
