/** A client registered with the identity service. */
export interface OauthClient {
  id: string;
  /** Public clients, such as browser applications, have none. */
  secret?: string;
  grants: readonly Grant[];
  scopes: readonly string[];
  /** Tenants whose users may log in to it. Client credentials do not ask. */
  tenants: readonly string[];
}

export type Grant = 'authorization_code' | 'client_credentials' | 'refresh_token';

export interface User {
  id: string;
  username: string;
  password: string;
  name: string;
  tenant: string;
  roles: readonly string[];
  allowedTenants: readonly string[];
}

export const TENANTS = { main: 'my-tenant', other: 'other-tenant' } as const;

export const SCOPES = {
  full: 'octo_api',
  readOnly: 'octo_api.read_only',
} as const;

const IDENTITY_SCOPES = ['openid', 'profile', 'email', 'role'];
/** A scope of another service: a token with nothing but this opens no door here. */
const FOREIGN_SCOPE = 'identity_api';
export const ALL_SCOPES = [...IDENTITY_SCOPES, SCOPES.full, SCOPES.readOnly, FOREIGN_SCOPE, 'offline_access'];

const API = [SCOPES.full, SCOPES.readOnly];
const EVERYWHERE = [TENANTS.main, TENANTS.other];

/** Clients of the scenario. */
export const CLIENTS = {
  service: { id: 'my-service', secret: 'my-secret', grants: ['client_credentials'], scopes: API, tenants: EVERYWHERE },
  reader: {
    id: 'my-reader',
    secret: 'my-reader-secret',
    grants: ['client_credentials'],
    scopes: [SCOPES.readOnly],
    tenants: EVERYWHERE,
  },
  other: {
    id: 'other-service',
    secret: 'other-secret',
    grants: ['client_credentials'],
    scopes: [...API, FOREIGN_SCOPE],
    tenants: EVERYWHERE,
  },
  application: {
    id: 'my-application',
    grants: ['authorization_code', 'refresh_token'],
    scopes: [...IDENTITY_SCOPES, ...API, 'offline_access'],
    tenants: [TENANTS.main],
  },
  confidential: {
    id: 'my-web-server',
    secret: 'my-web-secret',
    grants: ['authorization_code', 'refresh_token'],
    scopes: [...IDENTITY_SCOPES, ...API, 'offline_access'],
    tenants: EVERYWHERE,
  },
  kiosk: {
    id: 'my-kiosk',
    grants: ['authorization_code'],
    scopes: [...IDENTITY_SCOPES, ...API],
    tenants: EVERYWHERE,
  },
} as const satisfies Record<string, OauthClient>;

/** People of the scenario; each belongs to one tenant. */
export const USERS = {
  operator: {
    id: 'a7c1f0d2-52a7-4d63-9f0e-0c8f6b0a1001',
    username: 'operator@example.com',
    password: 'secret',
    name: 'Olga Östberg',
    tenant: TENANTS.main,
    roles: ['Operator', 'Reporting'],
    allowedTenants: [TENANTS.main, TENANTS.other],
  },
  visitor: {
    id: 'a7c1f0d2-52a7-4d63-9f0e-0c8f6b0a1002',
    username: 'visitor@example.com',
    password: 'secret-visitor',
    name: 'Victor Visser',
    tenant: TENANTS.other,
    roles: ['Operator'],
    allowedTenants: [TENANTS.other],
  },
} as const satisfies Record<string, User>;
