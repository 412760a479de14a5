import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, packageFolders, packageOf, root } from './house.ts';

/** Who may depend on whom, among our own packages. What is absent is forbidden. */
const ADAPTER = ['contracts', 'adapter-kit'];
const SERVICE = ['contracts', 'runtime', 'messaging', 'database', 'jobs'];
const ARROWS: Record<string, readonly string[]> = {
  contracts: [],
  // Users install it: nothing of the house comes with it.
  client: [],
  runtime: ['contracts'],
  jobs: ['runtime'],
  messaging: ['contracts', 'runtime'],
  database: ['contracts', 'runtime'],
  'adapter-kit': SERVICE,
  simulators: ['runtime'],
  testing: [...SERVICE, 'adapter-kit', 'simulators'],
  'telemetry-ingest': SERVICE,
  api: SERVICE,
  webhooks: SERVICE,
};

/** Only tests may lean on these. */
const FOR_TESTS = ['testing', 'simulators', 'client'];

/** Libraries that one package alone may import. */
const OWNERS: Record<string, readonly string[]> = {
  amqplib: ['messaging', 'testing'],
  '@nestjs/microservices': ['messaging'],
  '@prisma/client': ['database'],
  pg: ['database', 'testing'],
};

const SCOPE = '@tributary/';

/** Packages with a second door: a suite that can only be entered inside Jest, and what the tests of adapters share. */
const KIT_FOR_TESTS = '@tributary/adapter-kit/testing';
const SECOND_DOORS = ['@tributary/testing/harness', '@tributary/testing/contract', KIT_FOR_TESTS];

export function checkArrows(): string[] {
  return packageFolders().flatMap((folder) => {
    const { name, dependencies = {}, devDependencies = {} } = packageOf(folder);
    const short = name.replace(SCOPE, '');
    const allowed = short.startsWith('adapter-') && short !== 'adapter-kit' ? ADAPTER : ARROWS[short];
    if (!allowed) return [`${name}: tools/check-adapters/arrows.ts does not say what it may import`];
    const wrong = ours(dependencies).filter((d) => !allowed.includes(d));
    const wrongDev = ours(devDependencies).filter((d) => !allowed.includes(d) && !FOR_TESTS.includes(d));
    return [
      ...[...wrong, ...wrongDev].map((d) => `${name} must not depend on ${SCOPE}${d}`),
      ...checkOwners(folder, short),
      ...checkImports(folder),
    ];
  });
}

const ours = (dependencies: Record<string, string>): string[] =>
  Object.keys(dependencies)
    .filter((d) => d.startsWith(SCOPE))
    .map((d) => d.slice(SCOPE.length));

function checkOwners(folder: string, short: string): string[] {
  const { name, dependencies = {} } = packageOf(folder);
  return Object.entries(OWNERS)
    .filter(([library, owners]) => dependencies[library] && !owners.includes(short))
    .map(([library, owners]) => `${name} must not depend on ${library}: that is ${owners[0]}'s`);
}

const IMPORT = /from '([^']+)'/g;

function checkImports(folder: string): string[] {
  return filesBelow(folder, '.ts').flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const isTest = file.endsWith('.spec.ts') || file.includes('/test/');
    const inTestLibrary = /^libs\/(testing|simulators)\//.test(file);
    return [...text.matchAll(IMPORT)].flatMap(([, target = '']) => {
      if (target.startsWith(SCOPE) && target.split('/').length > 2 && !SECOND_DOORS.includes(target))
        return [`${file} enters a package by a path: ${target}`];
      if (target === KIT_FOR_TESTS && !isTest) return [`${file} is not a test, yet imports ${target}`];
      const library = target.replace(SCOPE, '');
      if (target.startsWith(SCOPE) && FOR_TESTS.includes(library) && !isTest && !inTestLibrary) {
        return [`${file} is not a test, yet imports ${target}`];
      }
      return [];
    });
  });
}
