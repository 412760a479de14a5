import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { adapterFolders, root } from './house.ts';

/** Every adapter is the same room: these files are there, under these names. */
const REQUIRED = [
  'README.md',
  'quality.yaml',
  'package.json',
  'tsconfig.json',
  'src/main.ts',
  'src/adapter.ts',
  'src/manifest.ts',
  'src/config.ts',
  'src/auth.ts',
  'src/client.ts',
  'src/wire.ts',
  'src/mapping.ts',
  'src/errors.ts',
  'src/capabilities',
  'test/conformance.spec.ts',
  'test/cases',
];

const CAPABILITY_FILES = new Set(
  'devices telemetry stream attributes commands entities files users platform-events graphql'.split(' '),
);

export function checkAdapterPlan(): string[] {
  return adapterFolders().flatMap((folder) => [
    ...missingFiles(folder),
    ...strangeCapabilities(folder),
    ...checkQuality(folder),
    ...checkSimulator(folder),
  ]);
}

const missingFiles = (folder: string): string[] =>
  REQUIRED.filter((file) => !existsSync(join(folder, file))).map((file) => `${basename(folder)}: ${file} is missing`);

function strangeCapabilities(folder: string): string[] {
  const capabilities = join(folder, 'src', 'capabilities');
  if (!existsSync(capabilities)) return [];
  return readdirSync(capabilities)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .filter((file) => !CAPABILITY_FILES.has(file.replace(/\.ts$/, '').split('.')[0] ?? ''))
    .map((file) => `${basename(folder)}: src/capabilities/${file} is not the name of a capability`);
}

const RULE = /^## (?<id>[a-z0-9-]+)/gm;
const ANSWER = /^ {0,2}(?<id>[a-z0-9-]+):/;

/** Each rule of docs/quality.md is answered: done, todo, or exempt with a reason. */
function checkQuality(folder: string): string[] {
  const pages = [join(root, 'docs', 'quality.md'), join(folder, 'quality.yaml')];
  if (!pages.every((page) => existsSync(page))) return [];
  const [rulesText = '', answersText = ''] = pages.map((page) => readFileSync(page, 'utf8'));
  const rules = [...rulesText.matchAll(RULE)].map((m) => m.groups?.id ?? '');
  const answered = new Set(answersText.split('\n').map((line) => ANSWER.exec(line)?.groups?.id));
  return rules
    .filter((rule) => !answered.has(rule))
    .map((rule) => `${basename(folder)}: quality.yaml does not answer ${rule}`);
}

function checkSimulator(folder: string): string[] {
  const platform = basename(folder).replace('adapter-', '');
  const files = ['server.ts', 'state.ts', 'scenario.ts', 'README.md'];
  return files
    .map((file) => join('libs', 'simulators', 'src', platform, file))
    .filter((file) => !existsSync(join(root, file)))
    .map((file) => `${basename(folder)}: its simulator lacks ${file}`);
}
