/** Who there is at the start. Names, keys and passwords are the same in every scenario. */

export const ACCOUNTS = {
  /** Account of the demonstration. */
  demo: 'acme',
  other: 'globex',
} as const;

export const DEFAULT_TENANT = 'default';
export const SECOND_TENANT = 'staging';

/** Each tenant has a client of its own. */
export const PUBLIC_KEYS = {
  demo: 'pk-acme-4c1f7d2e9b',
  staging: 'pk-acme-staging-8a03',
  other: 'pk-globex-77d1c05a',
} as const;

/** Users of every tenant. */
export const USERS = {
  registered: { username: 'operator', password: 'secret-operator' },
  /** Stands for a device or a person; logs in with the password all anonymous users have. */
  anonymous: { username: 'mctesterton' },
} as const;

export const ANONYMOUS_PASSWORD = 'nopassword';

export interface TenantDescription {
  account: string;
  name: string;
  publicKey: string;
}

export const TENANTS: readonly TenantDescription[] = [
  { account: ACCOUNTS.demo, name: DEFAULT_TENANT, publicKey: PUBLIC_KEYS.demo },
  { account: ACCOUNTS.demo, name: SECOND_TENANT, publicKey: PUBLIC_KEYS.staging },
  { account: ACCOUNTS.other, name: DEFAULT_TENANT, publicKey: PUBLIC_KEYS.other },
];
