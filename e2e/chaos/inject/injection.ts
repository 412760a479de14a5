import type { Progress } from '../progress.ts';
import type { World } from '../world/world.ts';
import type { Turns } from './lock.ts';

/** What whoever injects a fault has at hand. */
export interface Injection {
  world: World;
  progress: Progress;
  turns: Turns;
  /** Facts of the run that the faults themselves make. */
  made: Made;
}

export interface Made {
  /** Markers of poison, each in one message that can never be stored. */
  poison: Array<{ marker: string; reason: string }>;
  /** Replies that were cut, by kind. */
  lostReplies: Record<string, number>;
  /** Processes that ended at a failpoint. */
  ended: number;
  /** The shared counters of budgets were lost, or out of reach. */
  budgetsForgotten: boolean;
}
