import { fingerprint } from '../kit/fingerprint.ts';
import type { Group } from './groups.ts';

export const ROLES = ['admin', 'asset_manager', 'viewer'] as const;
export type RoleName = (typeof ROLES)[number];

/** What a role must have before a field is answered. */
export type Right = 'manage-assets' | 'manage-devices' | 'manage-groups' | 'manage-users' | 'control' | 'report';

const RIGHTS: Record<RoleName, readonly Right[]> = {
  admin: ['manage-assets', 'manage-devices', 'manage-groups', 'manage-users', 'control', 'report'],
  asset_manager: ['manage-assets', 'manage-devices', 'control', 'report'],
  viewer: ['report'],
};

/** API tokens of the scenario: one for each role over everything, and one for a part of the tree. */
export const TOKENS = {
  admin: 'exo_4f0c6f1be2c94d6a9b7d2c1f8a3e5d70',
  manager: 'exo_b81d0a4c7e6f4f53a2c9d18e7f6b0a42',
  viewer: 'exo_2c7e9f10d3a84b6c8e5f1a9b7d0c4e63',
  /** An asset manager who sees nothing but Customer A. */
  customerA: 'exo_9a3b5c7d1e2f4a6b8c0d2e4f6a8b0c1d',
} as const;

/** An API token is a user of the type `automation`. */
export interface User {
  id: string;
  email: string;
  name: string;
  type: 'user' | 'automation';
  status: 'active' | 'invited';
  role: RoleName;
  /** What it sees: these groups with all their sub-groups. */
  groups: Group[];
  /** Of automation users alone. */
  token?: string;
  revoked: boolean;
}

export const may = (user: User, right: Right): boolean => RIGHTS[user.role].includes(right);

export const rightsOf = (role: RoleName): readonly Right[] => RIGHTS[role];

/** Users and API tokens. */
export class Accounts {
  readonly #users = new Map<string, User>();
  readonly #byToken = new Map<string, User>();

  add(user: User): User {
    this.#users.set(user.id, user);
    if (user.token) this.#byToken.set(user.token, user);
    return user;
  }

  users(): User[] {
    return [...this.#users.values()];
  }

  user(id: string): User | undefined {
    return this.#users.get(id);
  }

  /** Deleting a user of the type `automation` deletes its token. */
  remove(user: User): void {
    this.#users.delete(user.id);
    if (user.token) this.#byToken.delete(user.token);
  }

  /** The holder of a token that is good. */
  holder(token: string): User | undefined {
    const user = this.#byToken.get(token);
    return user?.revoked ? undefined : user;
  }

  /** By the token itself, its fingerprint, or the name of its user. */
  findToken(ref: string): User | undefined {
    return this.users().find(
      (user) => user.token !== undefined && [user.token, fingerprint(user.token), user.name].includes(ref),
    );
  }

  revokeAll(): void {
    for (const user of this.#byToken.values()) user.revoked = true;
  }
}
