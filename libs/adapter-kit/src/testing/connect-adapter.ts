import { randomUUID } from 'node:crypto';
import { Metrics, silentLogger, systemClock } from '@tributary/runtime';
import type { z } from 'zod';
import type { Adapter, AdapterDefinition, BudgetSpec, Manifest } from '../contract.ts';
import { type ConnectionAccess, type ConnectionAccessOptions, makeConnectionKit } from '../make-connection-kit.ts';
import { commonSettings } from '../process/supervision/common-settings.ts';

export interface Connected {
  adapter: Adapter;
  access: ConnectionAccess;
}

export interface ConnectionInTest extends Partial<Omit<ConnectionAccessOptions, 'manifest'>> {
  /** As a connection has them; what is undefined is not given. Schedules and limits in them are not heeded. */
  settings: Readonly<Record<string, unknown>>;
  credentials: Readonly<Record<string, unknown>>;
  /** In place of the manifest's; default: no limits. */
  budgets?: Manifest['budgets'];
}

export const NO_LIMIT: BudgetSpec = { limit: 100_000, per: '1s', documented: false };

/** The same budgets by name, none of which a test will spend. */
export const withoutLimits = (budgets: Manifest['budgets']): Manifest['budgets'] =>
  Object.fromEntries(Object.keys(budgets).map((name) => [name, NO_LIMIT]));

/** The adapter on a real kit of its own, which may reach loopback. Close `access` in the end. */
export function connectAdapter<S extends z.ZodType, C extends z.ZodType>(
  definition: AdapterDefinition<S, C>,
  { settings, credentials, budgets, ...options }: ConnectionInTest,
): Connected {
  const { manifest } = definition;
  const { schedules: _schedules, budgets: _budgets, tls, ...own } = settings;
  const access = makeConnectionKit({
    connectionId: `con_${randomUUID()}`,
    manifest: { ...manifest, budgets: budgets ?? withoutLimits(manifest.budgets) },
    log: silentLogger,
    metrics: new Metrics('test'),
    clock: systemClock,
    allowPrivateAddresses: true,
    ca: commonSettings(manifest).shape.tls.parse(tls).ca,
    ...options,
  });
  const config = {
    settings: definition.settings.parse(given(own)),
    credentials: definition.credentials.parse(credentials),
  };
  return { access, adapter: definition.connect(config, access.kit) };
}

const given = (settings: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
