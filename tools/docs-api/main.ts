import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ApiDocument, apiChanges } from './api-changes.ts';
import { type EventDocument, eventChanges } from './event-changes.ts';
import type { Finding } from './schema-fits.ts';

/**
 * Writes docs/api from the built api, and refuses what breaks callers or consumers of the version in git, unless
 * `--accept "<reason>"` is given, which docs/api/changes.md then tells. With `--check` nothing is written, and the exit
 * code is 1 where a document is stale or breaks without having been accepted. `--against <ref>` names another version.
 */
const root = join(import.meta.dirname, '..', '..');
const FOLDER = 'docs/api';
const CHANGES = `${FOLDER}/changes.md`;
const BREAKS = 'this breaks callers or consumers';
const HEADING = '# Changes that break callers\n\nEach was decided; whoever relies on what is named here must act.\n';

const { values: options } = parseArgs({
  options: { check: { type: 'boolean' }, accept: { type: 'string' }, against: { type: 'string', default: 'HEAD' } },
});

const documents = ['openapi', 'asyncapi'] as const;
type Name = (typeof documents)[number];
const pathOf = (name: Name): string => `${FOLDER}/${name}.json`;

/** What the api would serve; nothing has to run for it. */
function made(name: Name): string {
  const entry = join(root, 'apps', 'api', 'dist', 'openapi-main.js');
  return execFileSync(process.execPath, [entry, name], { encoding: 'utf8', maxBuffer: 64_000_000 });
}

/** A file as it is in git; undefined where it is not, or where there is no git. */
function committed(path: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['show', `${options.against}:${path}`], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  });
  return status === 0 ? stdout : undefined;
}

const onDisk = (path: string): string | undefined =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;

function changesOf(name: Name, now: string): Finding[] {
  const before = committed(pathOf(name));
  if (before === undefined) return [];
  return name === 'openapi'
    ? apiChanges(JSON.parse(before) as ApiDocument, JSON.parse(now) as ApiDocument)
    : eventChanges(JSON.parse(before) as EventDocument, JSON.parse(now) as EventDocument);
}

const lineOf = ({ at, what }: Finding): string => `- \`${at}\`: ${what}`;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

function refuse(what: string, lines: readonly string[], hint: string): void {
  say(`${what}:\n${lines.join('\n')}\n${hint}`);
  process.exitCode = 1;
}

function check(texts: Map<Name, string>, breaking: string[]): void {
  const stale = documents.filter((name) => onDisk(pathOf(name)) !== texts.get(name));
  if (stale.length > 0)
    refuse(
      'stale',
      stale.map((name) => `- ${pathOf(name)}`),
      'run pnpm docs:api',
    );
  const untold = notAccepted(breaking);
  if (untold.length > 0) refuse(BREAKS, untold, 'see docs/adr/0020-contract-guards.md');
}

/** What was accepted since the version in git stands behind what it had. */
function notAccepted(breaking: readonly string[]): string[] {
  const told = (onDisk(CHANGES) ?? '').slice((committed(CHANGES) ?? '').length).split('\n');
  return breaking.filter((line) => !told.includes(line));
}

function write(texts: Map<Name, string>, breaking: string[]): void {
  const untold = notAccepted(breaking);
  if (untold.length > 0 && options.accept === undefined) {
    refuse(BREAKS, untold, 'change it, or: pnpm docs:api --accept "<reason>"');
    return;
  }
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const [name, text] of texts) writeFileSync(join(root, pathOf(name)), text);
  const entry = untold.length > 0 ? `\n## ${options.accept}\n\n${untold.join('\n')}\n` : '';
  writeFileSync(join(root, CHANGES), (onDisk(CHANGES) ?? HEADING) + entry);
}

const texts = new Map(documents.map((name) => [name, made(name)]));
const breaking = [...texts].flatMap(([name, text]) => changesOf(name, text)).map(lineOf);
if (!options.check) write(texts, breaking);
else if (documents.some((name) => onDisk(pathOf(name)) !== undefined)) check(texts, breaking);
else say('docs/api holds no documents yet: pnpm docs:api writes them');
