import type { TenantDescription } from './accounts.ts';
import { Mesh } from './mesh.ts';
import { type Projection, SEEDED } from './projections.ts';
import { Roles } from './roles.ts';
import { Users } from './users.ts';
import { badRequest } from './vendor-error.ts';

/** A part of an account with a client, users and meshes of its own. */
export class Tenant {
  readonly users = new Users();
  readonly roles: Roles;
  /** By name, in lower case. */
  readonly projections = new Map<string, Projection>(Object.entries(SEEDED));
  readonly #meshes = new Map<string, Mesh>();

  constructor(
    readonly description: TenantDescription,
    newId: () => string,
  ) {
    this.roles = new Roles(newId);
  }

  get name(): string {
    return this.description.name;
  }

  get account(): string {
    return this.description.account;
  }

  /** Unlike any other, also among accounts. */
  get key(): string {
    return `${this.account}/${this.name}`;
  }

  /** A mesh comes into being with its first document; before, it reads as an empty one. */
  mesh(name: string): Mesh {
    const key = name.toLowerCase();
    const mesh = this.#meshes.get(key) ?? new Mesh();
    this.#meshes.set(key, mesh);
    return mesh;
  }

  meshNames(): string[] {
    return [...this.#meshes].filter(([, mesh]) => mesh.size > 0).map(([name]) => name);
  }
}

/** In lower case. Throws 400 unless it is letters alone. */
export function meshName(given: string | undefined): string {
  if (!given || !/^[A-Za-z]+$/.test(given)) throw badRequest('Mesh name is invalid and must be alpha characters only.');
  return given.toLowerCase();
}
