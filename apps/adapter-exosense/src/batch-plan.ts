import type { NativeId } from '@tributary/adapter-kit';

/** Milliseconds of execution that the platform reports: above, the group is halved; below, it grows by a quarter. */
const TOO_LONG_MS = 5_000;
const SHORT_MS = 1_000;
export const LARGEST_GROUP = 50;
/** How long a size that was too much is remembered: nothing larger is tried meanwhile. */
const REMEMBERED_MS = 3_600_000;
/** Values in one answer, so that it fits into memory here and there. */
const MOST_POINTS = 20_000;

interface Member {
  /** Largest group that this asset may be in. */
  size: number;
  /** Sizes from here on were too much. */
  tooMuch: number;
  tooMuchUntilMs: number;
}

export interface Sized {
  id: NativeId;
  /** Values that are asked for: signals times points of each. */
  points: number;
}

/**
 * How many assets go into one request: as many as keep the execution time between one and five seconds, at most 50. Kept
 * for each asset, so that one that is slow does not slow down the others. Pure: the caller brings times and results.
 */
export class BatchPlan {
  readonly #members = new Map<NativeId, Member>();

  /** Every asset once, in groups that none of their members forbids; in the order given where sizes allow. */
  groups<T extends Sized>(assets: readonly T[]): T[][] {
    const groups: T[][] = [];
    const sorted = assets.toSorted((a, b) => this.#sizeOf(b.id) - this.#sizeOf(a.id));
    let group: T[] = [];
    let points = 0;
    for (const asset of sorted) {
      // Sorted by size, so the last member is the one that allows least.
      if (group.length > 0 && (group.length >= this.#sizeOf(asset.id) || points + asset.points > MOST_POINTS)) {
        groups.push(group);
        group = [];
        points = 0;
      }
      group.push(asset);
      points += asset.points;
    }
    if (group.length > 0) groups.push(group);
    return groups;
  }

  /** A request for these assets took so long. */
  took(ids: readonly NativeId[], executionMs: number, nowMs: number): void {
    const count = ids.length;
    for (const id of ids) {
      const member = this.#member(id);
      if (executionMs > TOO_LONG_MS) member.size = Math.max(1, Math.min(member.size, Math.floor(count / 2)));
      else if (executionMs < SHORT_MS) this.#grow(member, executionMs / count, nowMs);
    }
  }

  /** A request for these assets was too much. Two halves to ask for in its place; none where there is one asset alone. */
  split<T extends Sized>(assets: readonly T[], nowMs: number): [T[], T[]] | undefined {
    const count = assets.length;
    const half = Math.ceil(count / 2);
    for (const { id } of assets) {
      const member = this.#member(id);
      member.size = Math.max(1, Math.min(member.size, half === count ? 1 : half));
      member.tooMuch = Math.max(2, Math.min(this.#tooMuch(member, nowMs), count));
      member.tooMuchUntilMs = nowMs + REMEMBERED_MS;
    }
    return count > 1 ? [assets.slice(0, half), assets.slice(half)] : undefined;
  }

  /** Of two halves one was too much again, and no larger than the other: then it was not the other's doing. */
  absolve(well: readonly NativeId[], again: readonly NativeId[]): void {
    if (well.length < again.length) return;
    for (const id of well) {
      const member = this.#members.get(id);
      if (member) member.tooMuch = LARGEST_GROUP + 1;
    }
  }

  /** Assets that are no more are forgotten. */
  keep(ids: ReadonlySet<NativeId>): void {
    for (const id of this.#members.keys()) if (!ids.has(id)) this.#members.delete(id);
  }

  /** No further than to what would still be short enough by this measure. */
  #grow(member: Member, eachMs: number, nowMs: number): void {
    const wider = Math.max(member.size + 1, Math.floor(member.size * 1.25));
    if (wider * eachMs > TOO_LONG_MS) return;
    member.size = Math.max(1, Math.min(LARGEST_GROUP, wider, this.#tooMuch(member, nowMs) - 1));
  }

  #tooMuch({ tooMuch, tooMuchUntilMs }: Member, nowMs: number): number {
    return nowMs < tooMuchUntilMs ? tooMuch : LARGEST_GROUP + 1;
  }

  #sizeOf(id: NativeId): number {
    return this.#members.get(id)?.size ?? LARGEST_GROUP;
  }

  #member(id: NativeId): Member {
    const known = this.#members.get(id);
    const member = known ?? { size: LARGEST_GROUP, tooMuch: LARGEST_GROUP + 1, tooMuchUntilMs: 0 };
    if (!known) this.#members.set(id, member);
    return member;
  }
}
