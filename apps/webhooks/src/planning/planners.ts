import type { SubscriptionLease } from '@tributary/database';
import type { Logger } from '@tributary/runtime';
import { Planner, type PlannerParts, Superseded } from './planner.ts';

interface Running {
  stop: AbortController;
  over: Promise<void>;
}

const AGAIN_MS = { least: 200, most: 5_000 };

/** One planner for each lease that is held. One that fails begins anew after a pause; one that is superseded ends. */
export class Planners {
  readonly #parts: PlannerParts & { logger: Logger };
  readonly #running = new Map<string, Running>();

  constructor(parts: PlannerParts & { logger: Logger }) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Begins, or begins anew: the subscription was changed. */
  begin(lease: SubscriptionLease): void {
    const before = this.#running.get(lease.id);
    before?.stop.abort(new Superseded());
    const stop = new AbortController();
    const over = (before?.over ?? Promise.resolve()).then(() => this.#keep(lease, stop.signal));
    this.#running.set(lease.id, { stop, over });
  }

  end(id: string): void {
    this.#running.get(id)?.stop.abort(new Superseded());
    this.#running.delete(id);
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { stop } of all) stop.abort(new Superseded());
    await Promise.all(all.map(({ over }) => over));
  }

  async #keep(lease: SubscriptionLease, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    for (let pauseMs = AGAIN_MS.least; !signal.aborted; pauseMs = Math.min(pauseMs * 2, AGAIN_MS.most)) {
      const fromMs = clock.monotonicMs();
      try {
        await new Planner(lease, this.#parts, signal).run();
      } catch (error) {
        if (signal.aborted || error instanceof Superseded) return;
        if (clock.monotonicMs() - fromMs > AGAIN_MS.most) pauseMs = AGAIN_MS.least;
        const level = pauseMs === AGAIN_MS.least ? 'warn' : 'debug';
        logger[level]({ err: error, subscription: lease.id }, 'planning was broken off; it goes on where it was');
      }
      await clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }
}
