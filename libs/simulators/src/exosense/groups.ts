/** A node of the tree that owns assets, devices and users. */
export interface Group {
  id: string;
  name: string;
  parent: Group | undefined;
  node_type_id: string;
  custom_id: string;
  description: string;
}

/** Groups in the order of their making. */
export class GroupTree {
  readonly #groups = new Map<string, Group>();

  add(group: Group): Group {
    this.#groups.set(group.id, group);
    return group;
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  named(name: string): Group | undefined {
    return this.all().find((group) => group.name === name);
  }

  children(group: Group): Group[] {
    return this.all().filter((one) => one.parent === group);
  }

  remove(group: Group): void {
    this.#groups.delete(group.id);
  }
}

/** Whether `group` is one of `roots` or lies below one. */
export function isWithin(group: Group, roots: readonly Group[]): boolean {
  for (let at: Group | undefined = group; at; at = at.parent) if (roots.includes(at)) return true;
  return false;
}
