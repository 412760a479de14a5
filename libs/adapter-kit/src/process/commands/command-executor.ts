import {
  type CommandOrder,
  type CommandState,
  InvalidRequestError,
  isPlatformError,
  type PlatformError,
  UnavailableError,
  UnsupportedError,
} from '@tributary/contracts';
import { type Clock, type Logger, type Metrics, withSpan } from '@tributary/runtime';
import type { Command, CommandReceipt } from '../../contract.ts';
import { OneAtATime } from '../../one-at-a-time.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { Failpoint, Ledger, LedgerCommand, Step } from '../ports.ts';
import type { Borrowed } from '../requests/adapter-pool.ts';
import { askedToWaitMs, fullJitter } from '../scheduling/backoff.ts';
import { withTimeout } from '../scheduling/with-timeout.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';
import { classifyCallFailure, evidence, stepOf, stepOfFailure } from './call-outcome.ts';
import { HeldOrders } from './held-orders.ts';

export interface ExecutorOptions {
  ledger: Ledger;
  replica: string;
  /** Throws a `PlatformError` when the connection is paused, gone or wrongly configured. */
  borrow: (connectionId: string) => Promise<Borrowed>;
  /** This replica's lease of the connection, where it has one: claims carry its epoch, and end with it. */
  leaseOf: (connectionId: string) => Pick<HeldLease, 'epoch' | 'valid'> | undefined;
  clock: Clock;
  random: () => number;
  log: Logger;
  metrics: Metrics;
  failpoint: Failpoint;
}

interface Ready extends Borrowed {
  idempotent: boolean;
}

interface Outcome {
  to: CommandState;
  step: Step;
}

/** A claim is acted upon for this long; afterwards nothing is sent under it any more. */
export const CLAIM_LIFE_MS = 45_000;
/** And counts as dead after this: whoever made it is gone, or knows that it is over. */
export const CLAIM_DEAD_MS = 60_000;
/** With the longest waits in between, less than a claim lives. */
const MAX_ATTEMPTS = 8;
const STOP_MS = 8_000;
const CALL_TIMEOUT_MS = 30_000;
const RETRY = { baseMs: 250, capMs: 5_000 };
const RECORD_RETRY = { baseMs: 250, capMs: 10_000 };

/**
 * Carries out orders: at most once, or, where an order may be sent twice, until it is answered. The ledger decides who
 * may call, and hears of the outcome before the order leaves the queue; orders for one device go one after another.
 */
export class CommandExecutor {
  readonly #options: ExecutorOptions;
  readonly #perDevice = new OneAtATime();
  readonly #running = new Set<string>();
  readonly #held: HeldOrders;
  readonly #outcomes;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    const attempt = (order: CommandOrder, signal: AbortSignal) => this.#once(order, signal, undefined);
    this.#held = new HeldOrders({ ...options, attempt });
    this.#outcomes = options.metrics.counter('adapter_commands_total', {
      help: 'Orders that left this replica, by the state in which they did',
      labels: ['state'],
    });
  }

  /** Is this replica working on it, or holding it? */
  isRunning(commandId: string): boolean {
    return this.#running.has(commandId) || this.#held.has(commandId);
  }

  /**
   * Lets go of what is held; resolves when nothing is under way, or after `STOP_MS`: what is unfinished then is settled
   * by others.
   */
  async idle(): Promise<void> {
    this.#held.close();
    const late = new AbortController();
    const enough = this.#options.clock.sleep(STOP_MS, late.signal).catch(() => undefined);
    await Promise.race([this.#perDevice.idle(), enough]);
    late.abort();
  }

  /**
   * Resolves once the ledger has the outcome, the order is held, or somebody else is responsible for it; rejects when
   * `signal` aborts.
   */
  async handle(order: CommandOrder, signal: AbortSignal): Promise<void> {
    if (this.#held.has(order.commandId)) return;
    if (this.#held.waits(order.deviceId) || (await this.#once(order, signal, undefined))) this.#held.keep(order);
  }

  /** An order whose claim is dead, and which may be sent twice: under the same id once more. */
  async resend(order: CommandOrder, signal: AbortSignal): Promise<void> {
    await this.#once(order, signal, { olderThanMs: CLAIM_DEAD_MS });
  }

  /** True when it cannot leave now. */
  #once(order: CommandOrder, signal: AbortSignal, takeOver: { olderThanMs: number } | undefined): Promise<boolean> {
    if (this.#running.has(order.commandId)) return Promise.resolve(false);
    this.#running.add(order.commandId);
    return this.#perDevice
      .run(order.deviceId, () =>
        withSpan(`command ${order.name}`, { kind: 'consumer', parent: order.traceparent }, () =>
          this.#carryOut(order, signal, takeOver),
        ),
      )
      .finally(() => this.#running.delete(order.commandId));
  }

  async #carryOut(
    order: CommandOrder,
    signal: AbortSignal,
    takeOver: { olderThanMs: number } | undefined,
  ): Promise<boolean> {
    signal.throwIfAborted();
    const { ledger, log } = this.#options;
    const { commandId } = order;
    const known = await ledger.get(commandId);
    if (!known) {
      log.warn({ commandId }, 'an order without an account is dropped');
      return false;
    }
    if (known.state !== 'accepted' && !(takeOver && known.state === 'dispatched')) return false;
    if (known.state === 'accepted' && this.#overdue(order)) {
      await this.#expire(commandId);
      return false;
    }
    const ready = await this.#prepare(order);
    if ('refusal' in ready) return this.#refuse(known, ready.refusal);
    try {
      const hindrance = await this.#hindrance(order, ready);
      if (hindrance && classifyCallFailure(hindrance) !== 'refused') return true;
      if (hindrance) return this.#refuse(known, hindrance);
      await this.#claimAndCall(order, ready, signal, takeOver);
      return false;
    } finally {
      ready.giveBack();
    }
  }

  /** Nothing was claimed and nothing was sent. A dead claim may have been: then nothing is known. */
  async #refuse({ commandId, state }: LedgerCommand, refusal: unknown): Promise<false> {
    const { step } = stepOfFailure(refusal, this.#options.clock.now());
    await this.#advance(commandId, state === 'accepted' ? 'rejected' : 'unknown', step);
    return false;
  }

  /** Why it cannot leave now; nothing of it has been claimed or sent. */
  async #hindrance(order: CommandOrder, { instance }: Ready): Promise<unknown> {
    const { commands } = instance.adapter;
    if (!commands?.prepare) return undefined;
    const limit = { clock: this.#options.clock, ms: CALL_TIMEOUT_MS, what: order.name };
    try {
      await withTimeout(limit, async (signal) => commands.prepare?.(commandOf(order), signal));
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #claimAndCall(
    order: CommandOrder,
    ready: Ready,
    signal: AbortSignal,
    takeOver: { olderThanMs: number } | undefined,
  ): Promise<void> {
    const { ledger, clock, replica, failpoint, leaseOf } = this.#options;
    const { commandId } = order;
    const lease = leaseOf(order.connectionId);
    const claimedAtMs = clock.monotonicMs();
    if (!(await ledger.claim(commandId, { replica, epoch: lease?.epoch }, takeOver))) {
      if (this.#overdue(order)) await this.#expire(commandId);
      return;
    }
    await failpoint('after-claim-before-call');
    const claimLeftMs = () => ((lease?.valid() ?? true) ? claimedAtMs + CLAIM_LIFE_MS - clock.monotonicMs() : 0);
    const outcome = await this.#call(order, ready, claimLeftMs, signal);
    if (!outcome) return;
    await failpoint('after-call-before-record');
    await this.#record(commandId, outcome, signal);
  }

  async #prepare(order: CommandOrder): Promise<Ready | { refusal: PlatformError }> {
    let borrowed: Borrowed | undefined;
    try {
      borrowed = await this.#options.borrow(order.connectionId);
      const { commands } = borrowed.instance.adapter;
      if (!commands) throw new UnsupportedError('the platform takes no commands');
      const description = commands.describe(order.nativeId).find(({ name }) => name === order.name);
      if (!description) throw new InvalidRequestError(`the device knows no command "${order.name}"`);
      return { ...borrowed, idempotent: description.idempotent };
    } catch (error) {
      borrowed?.giveBack();
      if (isPlatformError(error)) return { refusal: error };
      throw error;
    }
  }

  /** Calls until there is an outcome. What has not left may be tried again; what may have left only when that is safe. */
  async #call(
    order: CommandOrder,
    { instance, idempotent }: Ready,
    claimLeftMs: () => number,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { clock, random } = this.#options;
    let sent: unknown;
    for (let attempt = 1; ; attempt++) {
      // Right before the call, on both clocks: an order from an hour ago must not be carried out, and a process that
      // was stopped meanwhile must not act on a claim that others take for dead.
      const overdue = this.#overdue(order);
      // Whoever takes a dead claim for lost settles it; only what this replica knows is added.
      if (claimLeftMs() <= 0) return sent ? stepOfFailure(sent, clock.now()) : undefined;
      if (overdue || signal.aborted || attempt > MAX_ATTEMPTS) {
        return sent ? stepOfFailure(sent, clock.now()) : this.#neverSent(overdue);
      }
      try {
        return stepOf(await this.#execute(order, instance), clock.now());
      } catch (error) {
        const failure = classifyCallFailure(error);
        if (failure === 'ambiguous') sent = error;
        if (failure === 'refused' || (failure === 'ambiguous' && !idempotent)) {
          this.#options.log.warn({ err: error, commandId: order.commandId, failure }, 'an order failed');
          return stepOfFailure(sent ?? error, clock.now());
        }
        const wait = Math.max(fullJitter(attempt, { ...RETRY, random }), askedToWaitMs(error));
        if (wait >= claimLeftMs()) return sent ? stepOfFailure(sent, clock.now()) : this.#neverSent(false);
        await clock.sleep(Math.max(0, Math.min(wait, this.#leftMs(order) + 1)), signal).catch(() => undefined);
      }
    }
  }

  #execute(order: CommandOrder, instance: ConnectionInstance): Promise<CommandReceipt> {
    const { commands } = instance.adapter;
    if (!commands) throw new UnsupportedError('the platform takes no commands');
    const limit = { clock: this.#options.clock, ms: CALL_TIMEOUT_MS, what: order.name };
    return withTimeout(limit, (signal) => commands.execute(commandOf(order), signal));
  }

  /** The platform has never seen it: `expired` is kept for orders that were not even claimed. */
  #neverSent(overdue: boolean): Outcome {
    const now = this.#options.clock.now();
    if (overdue)
      return { to: 'failed', step: { evidence: evidence('deadline', 'not sent: its deadline passed', now) } };
    const error = new UnavailableError('the platform could not be reached').toWire();
    return {
      to: 'failed',
      step: { evidence: evidence('adapter', 'not sent: the platform could not be reached', now), error },
    };
  }

  /** The outcome must reach the ledger, however long that is away. */
  async #record(commandId: string, outcome: Outcome, signal: AbortSignal): Promise<void> {
    const { clock, random, log } = this.#options;
    for (let failures = 1; ; failures++) {
      try {
        // Sent and nothing heard: still dispatched. That there is something to follow tells it from a lost claim.
        if (outcome.to === 'dispatched') await this.#options.ledger.followed(commandId, outcome.step.reference ?? {});
        else await this.#advance(commandId, outcome.to, outcome.step);
        return;
      } catch (error) {
        if (failures === 1) log.warn({ err: error, commandId }, 'the outcome of an order could not be recorded yet');
        await clock.sleep(fullJitter(failures, { ...RECORD_RETRY, random }), signal);
      }
    }
  }

  async #expire(commandId: string): Promise<void> {
    const step = { evidence: evidence('deadline', 'not sent: its deadline passed', this.#options.clock.now()) };
    await this.#advance(commandId, 'expired', step);
  }

  async #advance(commandId: string, to: CommandState, step: Step): Promise<void> {
    if (await this.#options.ledger.advance(commandId, to, step)) this.#outcomes.inc({ state: to });
  }

  #overdue(order: CommandOrder): boolean {
    return this.#leftMs(order) <= 0;
  }

  #leftMs(order: CommandOrder): number {
    return Date.parse(order.expiresAt) - this.#options.clock.now();
  }
}

export const commandOf = (order: CommandOrder): Command => ({
  id: order.commandId,
  device: order.nativeId,
  name: order.name,
  params: order.params,
  expiresAtMs: Date.parse(order.expiresAt),
});
