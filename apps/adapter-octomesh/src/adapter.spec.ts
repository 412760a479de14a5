import { describe, expect, it } from '@jest/globals';
import { announcementOf } from '@tributary/adapter-kit';
import { adapter } from './adapter.ts';

const settings = {
  identityUrl: 'https://identity.example.com/',
  assetUrl: 'https://assets.example.com',
  tenantId: 'my-tenant',
};
const configOf = (more: object = {}, credentials: object = { clientId: 'c', clientSecret: 's' }) => ({
  settings: adapter.settings.parse({ ...settings, ...more }),
  credentials: adapter.credentials.parse(credentials),
});

describe('the definition', () => {
  it('limits are counted by client, whatever the tenant, the secret or the user', () => {
    const key = adapter.budgetKey?.(configOf());
    expect(adapter.budgetKey?.(configOf({ tenantId: 'other' }, { clientId: 'c', refreshToken: 'r' }))).toBe(key);
    expect(adapter.budgetKey?.(configOf({}, { clientId: 'd', clientSecret: 's' }))).not.toBe(key);
    expect(adapter.budgetKey?.(configOf({ identityUrl: 'https://other.example.com' }))).not.toBe(key);
  });

  it('takes a client alone, so that a user can log in, and shows no secret', () => {
    const { credentials } = configOf({}, { clientId: 'c', clientSecret: 'hunter2' });
    expect(JSON.stringify(credentials)).not.toContain('hunter2');
    expect(adapter.credentials.safeParse({ clientId: 'c' }).success).toBe(true);
    expect(adapter.credentials.safeParse({ clientSecret: 's' }).success).toBe(false);
  });

  it.each([
    { tenantId: 'a/b' },
    { tenantId: '' },
    { tenantId: '..' },
    { tenantId: '..\\x' },
    { deviceTypes: [] },
    { deviceTypes: [{ type: 'My Type' }] },
    { spaces: { associations: ['a b'] } },
    { telemetry: { pageSize: 5_000 } },
    { telemetry: { lookBack: '5' } },
    { unknown: 1 },
  ])('refuses the settings %j', (more) => {
    expect(adapter.settings.safeParse({ ...settings, ...more }).success).toBe(false);
  });

  it('announces limits as the vendor states them', () => {
    const { budgets, settingsSchema } = announcementOf(adapter, 0);
    expect(budgets.map(({ name, limit, per, documented }) => [name, limit, per, documented])).toEqual([
      ['queries', 100, '1m', true],
      ['mutations', 50, '1m', true],
      ['uploads', 10, '1m', true],
    ]);
    expect(settingsSchema.properties).toHaveProperty('deviceTypes');
  });
});
