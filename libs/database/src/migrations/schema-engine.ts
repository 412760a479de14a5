import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, DriverAdapterError } from '@prisma/driver-adapter-utils';
// The package's main module imports WebAssembly as a module, which Node does not do without a flag.
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

export type SchemaEngine = Awaited<ReturnType<typeof glue.SchemaEngine.new>>;

/** Made by hand in the migrations; Prisma neither creates nor drops them. */
export const externalTables = [
  'public.point',
  'public.point_revision',
  'public.conservation_minute',
  'public.conservation_horizon',
  'public.intake_replica',
  'public.coverage_span',
];

let loaded: Promise<void> | undefined;

/** Prisma's schema engine, from npm alone: no binary is downloaded. Works on the database of `pool`, which stays open. */
export async function openSchemaEngine(pool: pg.Pool, datamodels: [string, string][]): Promise<SchemaEngine> {
  loaded ??= load();
  await loaded;
  return glue.SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(atomicScripts(pool)));
}

/**
 * Quirk: the adapter splits a script at every semicolon, also in a comment, and commits each piece by itself. Sent as
 * one query, Postgres reads it itself and runs it as one transaction: a migration is applied whole or not at all.
 */
function atomicScripts(pool: pg.Pool): PrismaPg {
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () =>
    Object.assign(await connect(), {
      executeScript: async (script: string) => {
        await pool.query(script).catch((error: unknown) => {
          throw toAdapterError(error);
        });
      },
    });
  return factory;
}

/** The form in which the engine shows what Postgres said. */
function toAdapterError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || !error.code) return error;
  const { code, severity = 'ERROR', message, detail, column, hint } = error;
  return new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint });
}

/** Node has it; the type library of this project, which has no DOM, does not know. */
const wasm = (
  globalThis as unknown as {
    WebAssembly: {
      instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
    };
  }
).WebAssembly;

/** Quirk: the engine never clears the timer of its lock, which would keep a finished process alive for ten seconds. */
function quietTimers(imports: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(imports).filter((name) => name.startsWith('__wbg_setTimeout_'));
  const start = (fn: () => void, ms: number) => setTimeout(fn, ms >>> 0).unref();
  return { ...imports, ...Object.fromEntries(names.map((name) => [name, start])) };
}

/** The engine reports a panic of its own here before it dies; without it the reason would be lost. */
const panics = {
  set_message(message: string): void {
    throw new Error(`the schema engine panicked: ${message}`);
  },
};

async function load(): Promise<void> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panics });
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = await readFile(join(dirname(entry), 'schema_engine_bg.wasm'));
  const { instance } = await wasm.instantiate(bytes, { './schema_engine_bg.js': quietTimers(glue) });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}
