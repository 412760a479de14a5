import type { Facts } from './facts.ts';

/** A promise, and what breaks it: empty when it was kept. */
export interface Invariant {
  /** As the list of promises numbers it. */
  id: string;
  promise: string;
  broken(facts: Facts): string[];
}

export interface Violation {
  invariant: string;
  promise: string;
  count: number;
  examples: string[];
}

const EXAMPLES = 5;

export function judge(facts: Facts, invariants: readonly Invariant[]): Violation[] {
  return invariants.flatMap(({ id, promise, broken }) => {
    const found = broken(facts);
    return found.length === 0
      ? []
      : [{ invariant: id, promise, count: found.length, examples: found.slice(0, EXAMPLES) }];
  });
}
