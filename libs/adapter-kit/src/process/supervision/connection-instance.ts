import { AuthenticationError, InvalidRequestError, problemsOf } from '@tributary/contracts';
import type { z } from 'zod';
import type { Adapter, AdapterDefinition, CloseReason } from '../../contract.ts';
import type { ConnectionAccess } from '../../make-connection-kit.ts';
import type { ConnectionRecord, MakeVendorAccess, Vault } from '../ports.ts';
import { budgetsOf, commonSettings, schedulesOf } from './common-settings.ts';

/** One adapter of one connection, made from one version of its configuration. */
export interface ConnectionInstance {
  record: ConnectionRecord;
  adapter: Adapter;
  access: ConnectionAccess;
  /** Milliseconds by name: the manifest's, with the connection's own in their place. */
  schedules: Record<string, number>;
  close(reason: CloseReason): Promise<void>;
}

export interface InstanceOptions {
  definition: AdapterDefinition;
  vault: Vault;
  makeAccess: MakeVendorAccess;
}

/**
 * Opens, parses and connects; no network is touched. Throws `AuthenticationError` for credentials that cannot be opened
 * or do not fit, `InvalidRequestError` for settings that do not fit; both name paths and never values.
 */
export function makeInstance(
  record: ConnectionRecord,
  { definition, vault, makeAccess }: InstanceOptions,
): ConnectionInstance {
  const { schedules, budgets, tls, ...own } = record.settings;
  const given = dropUndefined({ schedules, budgets, tls });
  const common = parse(commonSettings(definition.manifest), given, settingsProblem);
  const settings = parse(definition.settings, own, settingsProblem);
  const opened = openSealed(record, vault);
  const credentials = parse(definition.credentials, opened, credentialsProblem);
  const access = makeAccess({
    record,
    credentials: opened,
    budgets: budgetsOf(definition.manifest, common.budgets),
    ca: common.tls.ca,
  });
  const adapter = definition.connect({ settings, credentials }, access.kit);
  return {
    record,
    adapter,
    access,
    schedules: schedulesOf(definition.manifest, common.schedules),
    close: async (reason) => {
      try {
        await adapter.close?.(reason);
      } finally {
        if (reason === 'removed') await access.signOut();
        await access.close();
      }
    },
  };
}

function openSealed(record: ConnectionRecord, vault: Vault): Record<string, string> {
  try {
    return vault.open(record.sealed, { workspace: record.workspace, connectionId: record.id });
  } catch (error) {
    throw new AuthenticationError('the credentials cannot be opened with the keys of this process', { cause: error });
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, problem: (error: z.ZodError) => Error): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw problem(parsed.error);
}

const listed = (error: z.ZodError) =>
  problemsOf(error)
    .map(({ path, problem }) => `${path} ${problem}`.trim())
    .join('; ');

const settingsProblem = (error: z.ZodError) => new InvalidRequestError(`the settings do not fit: ${listed(error)}`);

const credentialsProblem = (error: z.ZodError) =>
  new AuthenticationError(`the credentials do not fit: ${listed(error)}`);

const dropUndefined = (given: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
