import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { adapterConfig } from '@tributary/adapter-kit';
import { z } from 'zod';

/**
 * Writes docs/configuration.md and .env.example from the configuration schemas of the built services. With `--check`
 * nothing is written, and the exit code is 1 where a page is stale.
 */
const root = join(import.meta.dirname, '..', '..');

interface Variable {
  name: string;
  description: string;
  fallback: string;
  services: string[];
}

type Shape = Record<string, z.ZodType>;

/** An app's own `config.js`; adapters have none, because the kit reads the environment for all of them. */
async function shapeOf(app: string): Promise<Shape> {
  if (app.startsWith('adapter-')) return adapterConfig;
  const file = join(root, 'apps', app, 'dist', 'config.js');
  const exported = Object.values((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  const schema = exported.find((value) => value instanceof z.ZodObject);
  if (!schema) throw new Error(`${app} exports no configuration schema`);
  return schema.shape as Shape;
}

/** The default as a person would write it into the environment. */
function fallbackOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return String(schema.def.defaultValue);
  return schema.safeParse(undefined).success ? '' : 'required';
}

const apps = readdirSync(join(root, 'apps')).toSorted();
const serviceKinds = apps.filter((app) => !app.startsWith('adapter-')).length + 1;

async function variables(): Promise<Variable[]> {
  const found = new Map<string, Variable>();
  for (const app of apps) {
    for (const [name, schema] of Object.entries(await shapeOf(app))) {
      const known = found.get(name) ?? {
        name,
        description: schema.description ?? '',
        fallback: fallbackOf(schema),
        services: [],
      };
      // All adapters read the same.
      const service = app.startsWith('adapter-') ? 'adapters' : app;
      if (!known.services.includes(service)) known.services.push(service);
      found.set(name, known);
    }
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function page(all: Variable[]): string {
  const who = (v: Variable) => (v.services.length === serviceKinds ? 'all' : v.services.join(', '));
  const rows = all.map(
    (v) =>
      `| \`${v.name}\` | ${cell(v.description)} | ${v.fallback === '' ? '' : v.fallback === 'required' ? '**required**' : `\`${cell(v.fallback)}\``} | ${who(v)} |`,
  );
  return [
    '# Configuration',
    '',
    'Every service reads its environment once, at start. Wrong configuration ends it with exit code 78 and a list of all',
    'problems, by name and never by value. Durations carry a unit (`500ms`, `30s`, `15m`, `2h`, `7d`); where a default is',
    'shown as a bare number of milliseconds, a duration is meant. This page is generated from the schemas in the code.',
    '',
    '| variable | means | default | read by |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function example(all: Variable[]): string {
  const lines = all.map(
    (v) =>
      `# ${v.description.replaceAll('\n', ' ')}\n${v.fallback === 'required' ? '' : '# '}${v.name}=${v.fallback === 'required' ? '' : v.fallback}\n`,
  );
  return `# Generated from the schemas in the code; what is commented out has the default shown.\n\n${lines.join('\n')}`;
}

const all = await variables();
const pages: Record<string, string> = { 'docs/configuration.md': page(all), '.env.example': example(all) };
const check = process.argv.includes('--check');
for (const [file, text] of Object.entries(pages)) {
  const path = join(root, file);
  const stale = !existsSync(path) || readFileSync(path, 'utf8') !== text;
  if (stale && check) {
    process.stdout.write(`${file} is stale: run pnpm docs:config\n`);
    process.exitCode = 1;
  } else if (stale) writeFileSync(path, text);
}
