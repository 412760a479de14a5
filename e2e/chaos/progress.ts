import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@tributary/testing/harness';
import type { Measure } from './plan/faults.ts';
import type { World } from './world/world.ts';

const EVERY_MS = 100;

/** How far a round has come, counted from its beginning. */
export class Progress {
  readonly #world: World;
  readonly #from: Record<'stored' | 'produced', number>;
  #stored = 0;
  ordered = 0;

  private constructor(world: World, from: Record<'stored' | 'produced', number>) {
    this.#world = world;
    this.#from = from;
  }

  static async begin(world: World): Promise<Progress> {
    const stored = await eventually('what is stored can be counted', () => world.stored(), { timeoutMs: 60_000 });
    return new Progress(world, { stored, produced: world.produced() });
  }

  get produced(): number {
    return this.#world.produced() - this.#from.produced;
  }

  get stored(): number {
    return this.#stored;
  }

  of(measure: Measure): number {
    return { stored: this.#stored, produced: this.produced, ordered: this.ordered }[measure];
  }

  /** While Postgres is away what was known last stands. */
  async look(): Promise<void> {
    const stored = await this.#world.stored();
    if (stored !== undefined) this.#stored = stored - this.#from.stored;
  }

  /** Until the platforms have produced so many points more than now. */
  async producedMore(points: number): Promise<void> {
    const goal = this.produced + points;
    while (this.produced < goal) await delay(EVERY_MS);
  }
}
