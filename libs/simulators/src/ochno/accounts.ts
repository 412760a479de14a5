/** Who can log in to the scenario. The first is the one of the vendor's document. */
export const USERS = {
  /** Sees the first two companies and may change them. */
  demo: { email: 'email@example.com', password: 'Longer passwords are more secure than a horse' },
  /** Sees the tenant's company alone. */
  tenant: { email: 'tenant@example.com', password: 'secret-tenant' },
  /** Sees what the first sees, and may change nothing. */
  viewer: { email: 'viewer@example.com', password: 'secret-viewer' },
  /** Sees the third company alone. */
  foreign: { email: 'foreign@example.com', password: 'secret-foreign' },
} as const;

export const COMPANY_IDS = { owner: 'a11iNc3p0', tenant: 'r2d2i5b43', foreign: 'z7w4k1q9x' } as const;

export interface User {
  email: string;
  password: string;
  /** Ids of the companies that this user sees. */
  companies: Set<string>;
  /** Of those, the ones whose real-time stream it may open. */
  streams: Set<string>;
  mayWrite: boolean;
}

export function seedUsers(): User[] {
  const make = (name: keyof typeof USERS, companies: string[], mayWrite = true): User => ({
    ...USERS[name],
    companies: new Set(companies),
    streams: new Set(companies),
    mayWrite,
  });
  const { owner, tenant, foreign } = COMPANY_IDS;
  return [
    make('demo', [owner, tenant]),
    make('tenant', [tenant]),
    make('viewer', [owner, tenant], false),
    make('foreign', [foreign]),
  ];
}
