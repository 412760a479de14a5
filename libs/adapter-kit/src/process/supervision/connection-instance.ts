import { AuthenticationError, InvalidRequestError, problemsOf } from '@tributary/contracts';
import { secretValuesOf } from '@tributary/runtime';
import type { z } from 'zod';
import type { BreakerTurn } from '../../breakers/breaker.ts';
import type { Adapter, AdapterDefinition, CloseReason } from '../../contract.ts';
import type { RawItem, SetAside } from '../../items/items.ts';
import type { LinkBook } from '../../links/link-book.ts';
import type { ConnectionAccess } from '../../make-connection-kit.ts';
import type { Asides } from '../asides/set-aside-desk.ts';
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
  /** Keeps what the adapter sets aside; without it that is only counted. */
  asides?: Asides | undefined;
  /** Called with everything that a breaker of an instance does. */
  onBreaker?: ((record: ConnectionRecord, turn: BreakerTurn) => void) | undefined;
  /** What it sees of the way to the platform. */
  links?: Pick<LinkBook, 'called' | 'setAside'> | undefined;
}

/**
 * Opens, parses and connects; no network is touched. Throws `AuthenticationError` for credentials that cannot be opened
 * or do not fit, `InvalidRequestError` for settings that do not fit; both name paths and never values.
 */
export function makeInstance(
  record: ConnectionRecord,
  { definition, vault, makeAccess, asides, onBreaker, links }: InstanceOptions,
): ConnectionInstance {
  const { schedules, budgets, tls, freshness, ...own } = record.settings;
  const given = dropUndefined({ schedules, budgets, tls, freshness });
  const common = parse(commonSettings(definition.manifest), given, settingsProblem);
  const settings = parse(definition.settings, own, settingsProblem);
  const opened = openSealed(record, vault);
  const credentials = parse(definition.credentials, opened, credentialsProblem);
  const keep = asides && !record.draft ? keepIn(asides, record, opened) : undefined;
  const access = makeAccess({
    record,
    credentials: opened,
    budgets: budgetsOf(definition.manifest, common.budgets),
    ca: common.tls.ca,
    onBreaker: onBreaker && ((turn) => onBreaker(record, turn)),
    onCall: links && ((end) => links.called(end)),
    onSetAside: (item, raw) => {
      links?.setAside(item);
      keep?.(item, raw);
    },
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

/** Of what is set aside nothing secret is shown. */
function keepIn(asides: Asides, record: ConnectionRecord, credentials: Record<string, string>) {
  asides.knowSecrets(record.id, secretValuesOf(credentials));
  return ({ what }: SetAside, { item, context, faults }: RawItem) =>
    asides.take(record, {
      what,
      reason: 'unreadable-item',
      problems: faults,
      item,
      context,
      device: context?.device,
    });
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
