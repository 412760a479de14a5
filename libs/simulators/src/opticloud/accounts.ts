import { seededUuid } from '../kit/seeded.ts';

export interface Tenant {
  id: string;
  name: string;
}

/** What a user may do in one tenant. A user has one entry per tenant, and may have one without a tenant. */
export interface Authority {
  id: string;
  authority: string;
  tenant?: Tenant;
  mayViewCredentials: boolean;
}

export interface User {
  id: string;
  username: string;
  password: string;
  active: boolean;
  /** Whether the interactive description of the API is enabled for this user. */
  apiDescription: boolean;
  authorities: Authority[];
}

/** Who can log in to the scenario. */
export const USERS = {
  /** Has two tenants and an entry without one. */
  multi: { username: 'user@example.com', password: 'secret' },
  single: { username: 'single@example.com', password: 'secret-single' },
  /** Sees devices, but not their credentials. */
  viewer: { username: 'viewer@example.com', password: 'secret-viewer' },
  /** Belongs to the other tenant alone. */
  other: { username: 'andere@example.com', password: 'secret-other' },
  inactive: { username: 'gone@example.com', password: 'secret-gone' },
} as const;

export const TENANT_NAMES = { main: 'MyTenant', other: 'Zweite Gebäude GmbH & Co. KG' } as const;

const TENANT = 1;
const USER = 2;
const AUTHORITY = 3;

export function seedAccounts(seed: number): { main: Tenant; other: Tenant; users: User[] } {
  const main: Tenant = { id: seededUuid(seed, TENANT, 0), name: TENANT_NAMES.main };
  const other: Tenant = { id: seededUuid(seed, TENANT, 1), name: TENANT_NAMES.other };
  const make = (
    name: keyof typeof USERS,
    index: number,
    tenants: Array<Tenant | undefined>,
    traits: { mayViewCredentials?: boolean; active?: boolean; apiDescription?: boolean } = {},
  ): User => ({
    id: seededUuid(seed, USER, index),
    ...USERS[name],
    active: traits.active ?? true,
    apiDescription: traits.apiDescription ?? false,
    authorities: tenants.map((tenant, i) => ({
      id: seededUuid(seed, AUTHORITY, index, i),
      authority: tenant ? 'TENANT_USER' : 'PLATFORM_USER',
      ...(tenant ? { tenant } : {}),
      mayViewCredentials: traits.mayViewCredentials ?? true,
    })),
  });
  const users = [
    make('multi', 0, [undefined, main, other], { apiDescription: true }),
    make('single', 1, [main]),
    make('viewer', 2, [main], { mayViewCredentials: false }),
    make('other', 3, [other]),
    make('inactive', 4, [main], { active: false }),
  ];
  return { main, other, users };
}
