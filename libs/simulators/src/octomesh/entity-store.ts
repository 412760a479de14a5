import type { TrueValue } from '../kit/series-log.ts';

export interface Entity {
  /** 24 hexadecimal digits. */
  readonly rtId: string;
  readonly ckTypeId: string;
  wellKnownName: string | undefined;
  attributes: Record<string, TrueValue>;
}

/** A tenant's entities and what links them. Knows no rules: those are the mutations'. */
export class EntityStore {
  readonly #entities = new Map<string, Entity>();
  readonly #byType = new Map<string, Entity[]>();
  /** By role: origin -> targets. */
  readonly #outbound = new Map<string, Map<string, Set<string>>>();
  readonly #inbound = new Map<string, Map<string, Set<string>>>();

  add(entity: Entity): void {
    this.#entities.set(entity.rtId, entity);
    const siblings = this.#byType.get(entity.ckTypeId) ?? [];
    this.#byType.set(entity.ckTypeId, siblings);
    siblings.splice(positionOf(siblings, entity.rtId), 0, entity);
  }

  /** Its links go with it. */
  remove(rtId: string): boolean {
    const entity = this.#entities.get(rtId);
    if (!entity) return false;
    this.#entities.delete(rtId);
    const siblings = this.#byType.get(entity.ckTypeId) ?? [];
    siblings.splice(siblings.indexOf(entity), 1);
    unlinkEverywhere(this.#outbound, this.#inbound, rtId);
    unlinkEverywhere(this.#inbound, this.#outbound, rtId);
    return true;
  }

  get(rtId: string): Entity | undefined {
    return this.#entities.get(rtId);
  }

  /** Of exactly these types, in the order of their ids. */
  ofTypes(types: Iterable<string>): Entity[] {
    const lists = [...types].map((type) => this.#byType.get(type) ?? []).filter((list) => list.length > 0);
    if (lists.length <= 1) return [...(lists[0] ?? [])];
    return lists.flat().sort((a, b) => compareIds(a.rtId, b.rtId));
  }

  /** False when the link was there already. */
  link(role: string, origin: string, target: string): boolean {
    const targets = setAt(this.#outbound, role, origin);
    if (targets.has(target)) return false;
    targets.add(target);
    setAt(this.#inbound, role, target).add(origin);
    return true;
  }

  unlink(role: string, origin: string, target: string): boolean {
    setAt(this.#inbound, role, target).delete(origin);
    return setAt(this.#outbound, role, origin).delete(target);
  }

  /** What is at the other end, in the order of their ids. */
  linked(role: string, direction: 'outbound' | 'inbound', rtId: string): Entity[] {
    const links = direction === 'outbound' ? this.#outbound : this.#inbound;
    return [...(links.get(role)?.get(rtId) ?? [])]
      .map((id) => this.#entities.get(id))
      .filter((entity) => entity !== undefined)
      .sort((a, b) => compareIds(a.rtId, b.rtId));
  }
}

export const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function positionOf(sorted: readonly Entity[], rtId: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.rtId ?? '') < rtId) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Links = Map<string, Map<string, Set<string>>>;

function setAt(links: Links, role: string, rtId: string): Set<string> {
  const ofRole = links.get(role) ?? new Map<string, Set<string>>();
  links.set(role, ofRole);
  const found = ofRole.get(rtId) ?? new Set<string>();
  ofRole.set(rtId, found);
  return found;
}

function unlinkEverywhere(here: Links, there: Links, rtId: string): void {
  for (const [role, ofRole] of here) {
    for (const other of ofRole.get(rtId) ?? []) there.get(role)?.get(other)?.delete(rtId);
    ofRole.delete(rtId);
  }
}
