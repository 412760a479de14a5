import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { type AsyncApiDocument, eventSchemas } from './event-schemas.ts';
import { type OpenApiDocument, operationFacts } from './operation-facts.ts';

/**
 * Writes what libs/client knows of the API from the documents of the built api. With `--check` nothing is
 * written, and the exit code is 1 where a file is stale.
 */
const root = join(import.meta.dirname, '..', '..');
const target = join(root, 'libs', 'client', 'src', 'openapi');
const JSON_SCHEMA = '#/components/schemas/Json';
const HEAD = '// Written by `pnpm client:generate` from the documents of the api; not to be changed by hand.\n';

/** What the api would serve; nothing has to run for it. */
function document<T>(name: 'openapi' | 'asyncapi'): T {
  const entry = join(root, 'apps', 'api', 'dist', 'openapi-main.js');
  const text = execFileSync(process.execPath, [entry, name], { encoding: 'utf8', maxBuffer: 64_000_000 });
  return JSON.parse(text) as T;
}

/** Pages for people and probes for machines are no calls of a client. */
function callable(whole: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(whole.paths).filter(([path]) => path.startsWith('/v1/'));
  return { ...whole, paths: Object.fromEntries(paths) };
}

async function files(): Promise<Map<string, string>> {
  const openapi = callable(document<OpenApiDocument>('openapi'));
  return new Map([
    [join(target, 'paths.ts'), await types(openapi)],
    [join(target, 'events.ts'), await types(eventSchemas(document<AsyncApiDocument>('asyncapi')))],
    [join(target, 'operations.ts'), `${HEAD}${operationFacts(openapi)}`],
  ]);
}

async function types(openapi: OpenApiDocument): Promise<string> {
  const nodes = await openapiTypescript(openapi as never, {
    // What has a default may be left out of a request; an answer says by `required` that it always has it.
    defaultNonNullable: false,
    silent: true,
    // A member of an interface cannot be made of itself, as JSON is; a type of its own can.
    inject: "import type { JsonValue } from '../json-value.ts';",
    transform: (_schema, { path }) =>
      path === JSON_SCHEMA ? ts.factory.createTypeReferenceNode('JsonValue') : undefined,
  });
  return `${HEAD}\n${astToString(nodes)}`;
}

function write(made: Map<string, string>): void {
  for (const [file, text] of made) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function check(made: Map<string, string>): void {
  const stale = [...made].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
  if (stale.length === 0) return;
  const names = stale.map(([file]) => relative(root, file)).join(', ');
  process.stderr.write(`${names}: stale; run \`pnpm client:generate\`\n`);
  process.exitCode = 1;
}

const made = await files();
if (process.argv.includes('--check')) check(made);
else write(made);
