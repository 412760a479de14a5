import type { OverdueTurn } from '@tributary/database';
import type { JobQueue } from '@tributary/jobs';
import type { Clock, Counter, Logger, Metrics } from '@tributary/runtime';
import type { TurnJob } from '../queues.ts';
import type { NextTurn } from '../sending/turn-runner.ts';

type Way = Pick<JobQueue<TurnJob>, 'add' | 'usable' | 'renew'>;

export interface TurnDispatchOptions {
  queues: { turns: Way; retries: Way };
  run(subscriptionId: string): Promise<NextTurn | undefined>;
  /** Turns of this replica's subscriptions that should have begun so long ago. */
  overdue(graceMs: number): Promise<OverdueTurn[]>;
  /** Turns that one queue brings at once; a few times as many may be under way. */
  concurrency: number;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

const WATCH_MS = 1_000;
/** A turn that waits for so long was lost on its way, or Redis is slow. */
const GRACE_MS = 1_500;
/** A place in the queue is another's after so long, though the turn goes on: receivers that hang keep nobody waiting. */
const PLACE_MS = 1_500;
/** Turns that go on without a place, for each place. */
const BEYOND = 10;
/** Asked for so often without a turn: then no queue is relied on. */
const ASKED_ENOUGH = 2;
/** So many rescues in a row while Redis answers, and it is the worker. */
const RESCUES_UNTIL_RENEWAL = 5;

/**
 * Sees to it that every turn that is due is taken: by way of the queues, where any replica may take it and each
 * subscription's clock is a delayed job of its own; in this process where Redis is away, was wiped or does not deliver.
 * Which turns are due stands in the database, so that losing all of Redis costs a moment and nothing else.
 */
export class TurnDispatch {
  readonly #options: TurnDispatchOptions;
  readonly #underWay = new Set<Promise<void>>();
  readonly #direct = new Set<string>();
  readonly #asked = new Map<string, number>();
  readonly #rescued: Counter;
  #cancel = () => {};
  #watching: Promise<void> | undefined;
  #rescuesInARow = 0;
  #stopped = false;

  constructor(options: TurnDispatchOptions) {
    this.#options = options;
    this.#rescued = options.metrics.counter('webhooks_turns_rescued_total', {
      help: 'Turns that were taken without the queue, because it did not bring them.',
    });
  }

  start(): void {
    this.#cancel = this.#options.clock.every(WATCH_MS, () => {
      this.#watching ??= this.watch().finally(() => {
        this.#watching = undefined;
      });
    });
  }

  /** Takes no more turns of its own; resolves when those that run are over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#watching;
    await Promise.all(this.#underWay);
  }

  /** There is, or will be, a turn to take. */
  async ask(subscriptionId: string, { afterMs, troubled }: NextTurn): Promise<void> {
    const { turns, retries } = this.#options.queues;
    try {
      await (troubled ? retries : turns).add({ subscriptionId }, { delayMs: afterMs });
    } catch (error) {
      this.#options.log.debug({ err: error }, 'a turn could not be put into its queue');
      if (afterMs === 0) this.#takeDirectly(subscriptionId);
    }
  }

  /**
   * One turn, as a queue brings it. Resolves when it is over, or when it has lasted so long that its place in the queue is
   * given to another; unless very many go on like that already.
   */
  async takePlace(subscriptionId: string): Promise<void> {
    const { clock, concurrency } = this.#options;
    const turn = this.#take(subscriptionId);
    if (this.#underWay.size >= concurrency * BEYOND) return turn;
    const over = new AbortController();
    await Promise.race([turn, clock.sleep(PLACE_MS, over.signal)]).finally(() => over.abort());
  }

  /** Asks again for what is overdue, and takes what was asked for in vain. Public for tests. */
  async watch(): Promise<void> {
    const { overdue, log } = this.#options;
    try {
      const late = await overdue(GRACE_MS);
      const ids = new Set(late.map((turn) => turn.subscriptionId));
      for (const id of this.#asked.keys()) if (!ids.has(id)) this.#asked.delete(id);
      let rescues = 0;
      for (const turn of late) if (await this.#seeTo(turn)) rescues += 1;
      this.#judge(rescues);
    } catch (error) {
      log.debug({ err: error }, 'could not look for overdue turns');
    }
  }

  /** True where it had to be taken directly. */
  async #seeTo({ subscriptionId, troubled }: OverdueTurn): Promise<boolean> {
    const asked = this.#asked.get(subscriptionId) ?? 0;
    this.#asked.set(subscriptionId, asked + 1);
    if (asked < ASKED_ENOUGH) {
      await this.ask(subscriptionId, { afterMs: 0, troubled });
      return false;
    }
    if (!this.#takeDirectly(subscriptionId)) return false;
    this.#rescued.inc();
    return true;
  }

  #takeDirectly(subscriptionId: string): boolean {
    const full = this.#direct.size >= this.#options.concurrency * BEYOND;
    if (this.#stopped || full || this.#direct.has(subscriptionId)) return false;
    this.#direct.add(subscriptionId);
    void this.#take(subscriptionId).finally(() => this.#direct.delete(subscriptionId));
    return true;
  }

  #take(subscriptionId: string): Promise<void> {
    const turn = this.#turn(subscriptionId).finally(() => this.#underWay.delete(turn));
    this.#underWay.add(turn);
    return turn;
  }

  /** And asking for the one after it. A failure is logged: the turn stays due. */
  async #turn(subscriptionId: string): Promise<void> {
    try {
      const next = await this.#options.run(subscriptionId);
      if (next) await this.ask(subscriptionId, next);
    } catch (error) {
      this.#options.log.warn({ err: error, subscription: subscriptionId }, 'a turn was broken off; it comes again');
    }
  }

  #judge(rescues: number): void {
    const { queues, log } = this.#options;
    this.#rescuesInARow = rescues > 0 ? this.#rescuesInARow + 1 : 0;
    if (this.#rescuesInARow < RESCUES_UNTIL_RENEWAL || !queues.turns.usable) return;
    log.warn('the queues do not bring turns although Redis answers; their workers are made anew');
    queues.turns.renew();
    queues.retries.renew();
    this.#rescuesInARow = 0;
  }
}
