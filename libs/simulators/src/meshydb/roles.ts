import { badRequest, notFound } from './vendor-error.ts';

export const RIGHTS = ['create', 'update', 'read', 'delete'] as const;
export type Right = (typeof RIGHTS)[number];

export interface Permission extends Record<Right, boolean> {
  readonly id: string;
  permissibleName: string;
}

export interface Role {
  readonly id: string;
  name: string;
  description: string | null;
  readonly permissions: Map<string, Permission>;
}

/** Everybody has it. */
export const EVERYBODY = 'meshy.user';
/** May do everything. */
export const ADMINISTRATOR = 'meshy.admin';

/** What permissions can be about, besides the meshes by their names. */
const PERMISSIBLES: Readonly<Record<string, readonly Right[]>> = {
  meshes: RIGHTS,
  projections: ['read'],
  roles: RIGHTS,
  users: RIGHTS,
};

export const permissibles = (meshNames: readonly string[]): Array<{ name: string; rights: readonly Right[] }> => [
  ...Object.entries(PERMISSIBLES).map(([name, rights]) => ({ name, rights })),
  ...meshNames.toSorted().map((name) => ({ name: `meshes.${name}`, rights: RIGHTS })),
];

type PermissionDraft = Omit<Permission, 'id'>;

/** Roles of one tenant, and what they permit. */
export class Roles {
  readonly #roles = new Map<string, Role>();

  constructor(private readonly newId: () => string) {
    const everybody = this.#add(EVERYBODY, 'Every user');
    this.#permit(everybody, { permissibleName: 'meshes', ...all(RIGHTS) });
    this.#permit(everybody, { permissibleName: 'projections', ...all(['read']) });
    const administrator = this.#add(ADMINISTRATOR, 'Administrators');
    for (const [permissibleName, rights] of Object.entries(PERMISSIBLES))
      this.#permit(administrator, { permissibleName, ...all(rights) });
  }

  all(): Role[] {
    return [...this.#roles.values()];
  }

  /** Throws 404. */
  get(id: string): Role {
    const role = this.#roles.get(id.toLowerCase());
    if (!role) throw notFound('Role');
    return role;
  }

  named(name: string): Role | undefined {
    return this.all().find((role) => role.name === name);
  }

  /** Throws 400 for a name that is reserved, taken, or not letters alone. */
  create(name: string | undefined, description: string | null): Role {
    return this.#add(this.#checkedName(name), description);
  }

  /** Throws 400 as creating does, and for a role that is the vendor's own. */
  rename(role: Role, name: string | undefined, description: string | null): void {
    refuseReserved(role.name);
    role.name = this.#checkedName(name, role);
    role.description = description;
  }

  /** Throws 400 for a role that is the vendor's own. */
  remove(role: Role): void {
    if (role.name.startsWith('meshy.')) throw badRequest("Unable to delete role that starts with 'meshy.'.");
    this.#roles.delete(role.id);
  }

  /** Throws 400 for what is not there to be permitted, is permitted already, or is part of what is. */
  permit(role: Role, draft: PermissionDraft, meshNames: readonly string[], replaced?: Permission): Permission {
    const { permissibleName: name } = draft;
    const wanted = RIGHTS.filter((right) => draft[right]);
    if (wanted.length === 0)
      throw badRequest('At least one of the following must be set: Create, Update, Read, Delete.');
    const found = permissibles(meshNames).find((one) => one.name === name);
    if (!found) throw badRequest('Permissible does not exist.');
    if (wanted.some((right) => !found.rights.includes(right)))
      throw badRequest('Permissible does not support the permission configuration.');
    const others = [...role.permissions.values()].filter((one) => one !== replaced).map((one) => one.permissibleName);
    if (others.includes(name)) throw badRequest('Permissible was already configured for role.');
    if (others.some((other) => other.startsWith(`${name}.`) || name.startsWith(`${other}.`)))
      throw badRequest('A higher permissible cannot be assigned to a role with a specific permission already.');
    if (!replaced) return this.#permit(role, draft);
    return Object.assign(replaced, draft);
  }

  /** What users with these roles may do, as their tokens say it: `meshes.read`, `meshes.person.read`. */
  permissionsOf(roleNames: readonly string[]): string[] {
    const roles = [EVERYBODY, ...roleNames].map((name) => this.named(name)).filter((role) => role !== undefined);
    const permissions = roles.flatMap((role) => [...role.permissions.values()]);
    return [
      ...new Set(permissions.flatMap((one) => RIGHTS.filter((r) => one[r]).map((r) => `${one.permissibleName}.${r}`))),
    ];
  }

  #checkedName(given: string | undefined, own?: Role): string {
    const name = given?.trim();
    if (!name) throw badRequest('Name is required.');
    refuseReserved(name);
    if (!/^[A-Za-z]+$/.test(name)) throw badRequest('Name can only be alpha characters only.');
    const taken = this.all().some((role) => role !== own && role.name.toLowerCase() === name.toLowerCase());
    if (taken) throw badRequest('Role already exists.');
    return name;
  }

  #add(name: string, description: string | null): Role {
    const role: Role = { id: this.newId(), name, description, permissions: new Map() };
    this.#roles.set(role.id, role);
    return role;
  }

  #permit(role: Role, draft: PermissionDraft): Permission {
    const permission = { id: this.newId(), ...draft };
    role.permissions.set(permission.id, permission);
    return permission;
  }
}

function refuseReserved(name: string): void {
  if (name.startsWith('meshy.')) throw badRequest("Role cannot start with 'meshy.'.");
}

const all = (rights: readonly Right[]): Record<Right, boolean> => ({
  create: rights.includes('create'),
  update: rights.includes('update'),
  read: rights.includes('read'),
  delete: rights.includes('delete'),
});
