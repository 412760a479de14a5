import { parseDuration } from '@tributary/runtime';
import { z } from 'zod';
import type { BudgetSpec, Manifest } from '../../contract.ts';
import { certificates } from '../../http/private-ca.ts';

const durationText = z.string().refine((text) => {
  try {
    return parseDuration(text) > 0;
  } catch {
    return false;
  }
}, 'expected a duration with a unit, such as 30s');

const MOST_UNITS = 1_000_000;

/**
 * What every connection's settings may hold beside the adapter's own: periods by name, whom to believe over TLS, and,
 * where the vendor states no limit, how much of a budget to allow per window. A limit that the vendor does state cannot
 * be raised.
 */
export function commonSettings({ schedules, budgets }: Pick<Manifest, 'schedules' | 'budgets'>) {
  const undocumented = Object.keys(budgets).filter((name) => !budgets[name]?.documented);
  return z.strictObject({
    schedules: z
      .strictObject(Object.fromEntries(Object.keys(schedules).map((name) => [name, durationText.optional()])))
      .default({})
      .describe('Periods that replace those of the platform, by name.'),
    budgets: z
      .strictObject(
        Object.fromEntries(undocumented.map((name) => [name, z.number().positive().max(MOST_UNITS).optional()])),
      )
      .default({})
      .describe('Limits per window in place of our caution, for an instance that is known to take more or less.'),
    freshness: z
      .strictObject({
        staleAfter: durationText
          .optional()
          .describe('So long nothing may come of a device, in place of what is learned.'),
        devices: z.record(z.string(), durationText).default({}).describe('The same of single devices, by native id.'),
      })
      .default({ devices: {} })
      .describe('How long devices may be silent before they count as stale.'),
    tls: z
      .strictObject({
        ca: certificates
          .optional()
          .describe(
            'Certificates (PEM) of a private authority, believed beside the public ones: over HTTPS, MQTT and WebSocket.',
          ),
      })
      .default({})
      .describe('For an instance whose certificate is not from a public authority.'),
  });
}

export type CommonSettings = z.output<ReturnType<typeof commonSettings>>;

/** Milliseconds by name: the manifest's, with the connection's own in their place. */
export function schedulesOf(
  manifest: Pick<Manifest, 'schedules'>,
  own: CommonSettings['schedules'],
): Record<string, number> {
  const all = Object.entries(manifest.schedules);
  return Object.fromEntries(all.map(([name, text]) => [name, parseDuration(own[name] ?? text)]));
}

export function budgetsOf(
  manifest: Pick<Manifest, 'budgets'>,
  own: CommonSettings['budgets'],
): Record<string, BudgetSpec> {
  const all = Object.entries(manifest.budgets);
  return Object.fromEntries(all.map(([name, spec]) => [name, { ...spec, limit: own[name] ?? spec.limit }]));
}
