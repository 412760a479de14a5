import { commandInvariants } from './command-invariants.ts';
import { eventInvariants } from './event-invariants.ts';
import { houseInvariants } from './house-invariants.ts';
import type { Invariant } from './invariant.ts';
import { pointInvariants } from './point-invariants.ts';

/** Everything that must hold after a round, whatever was done in it. */
export const invariants: readonly Invariant[] = [
  ...pointInvariants,
  ...commandInvariants,
  ...eventInvariants,
  ...houseInvariants,
];
