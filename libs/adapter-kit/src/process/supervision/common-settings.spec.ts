import { describe, expect, it } from '@jest/globals';
import { budgetsOf, commonSettings, schedulesOf } from './common-settings.ts';

const manifest = {
  schedules: { discover: '10m', follow: '10s', telemetry: '15s' },
  budgets: {
    requests: { limit: 200, per: '10s', documented: false },
    execution: { limit: 100_000, per: '10s', unit: 'ms', documented: true },
  },
};
const parse = (given: unknown) => commonSettings(manifest).safeParse(given);

describe('settings that every connection has', () => {
  it('replace periods by name, and keep the others', () => {
    const own = parse({ schedules: { telemetry: '2s' } }).data;
    expect(schedulesOf(manifest, own?.schedules ?? {})).toEqual({
      discover: 600_000,
      follow: 10_000,
      telemetry: 2_000,
    });
  });

  it('allow more where the vendor states no limit', () => {
    const own = parse({ budgets: { requests: 1_000 } }).data;
    expect(budgetsOf(manifest, own?.budgets ?? {})).toMatchObject({
      requests: { limit: 1_000 },
      execution: { limit: 100_000 },
    });
  });

  it('never raise a limit that the vendor states, and refuse what has no such name or form', () => {
    const wrong = [
      { budgets: { execution: 200_000 } },
      { budgets: { requests: 0 } },
      { schedules: { telemetry: '15' } },
      { schedules: { tea: '5m' } },
      { tls: { ca: 'not a certificate' } },
      { tls: { verify: false } },
    ];
    for (const given of wrong) expect(parse(given).success).toBe(false);
  });
});
