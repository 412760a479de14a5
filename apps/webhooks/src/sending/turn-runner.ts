import { houseRouting, makeHouseEvent, type SuspensionReason } from '@tributary/contracts';
import type { CredentialVault, DeliveryTurns, PendingDelivery, Turn } from '@tributary/database';
import { type Clock, failpoint, type Logger, newEventId } from '@tributary/runtime';
import { type Envelope, envelopeOf } from './envelope.ts';
import type { SendingMetrics } from './metrics.ts';
import { PostInterrupted, type PostResult, type Receivers } from './receivers.ts';
import { afterFailure, type RetryPolicy, type Verdict } from './retry-schedule.ts';

/** What is to happen with a subscription after a turn; undefined: nothing is left to send, or somebody else sees to it. */
export interface NextTurn {
  afterMs: number;
  /** Its receiver did not take what it was sent. */
  troubled: boolean;
}

export interface TurnRunnerOptions {
  turns: DeliveryTurns;
  receivers: Pick<Receivers, 'post'>;
  vault: CredentialVault;
  policy: RetryPolicy;
  timeoutMs: number;
  clock: Clock;
  log: Logger;
  metrics: SendingMetrics;
  /** Aborts when the process stops. */
  stopping: AbortSignal;
  /** Called when deliveries got through: there is room for more. */
  onProgress: (subscriptionId: string) => void;
  /** 0 <= n < 1; for jitter. */
  random?: () => number;
}

/** A turn is long enough to be worth its while, and short enough for the others. */
const SLICE = { ms: 1_000, deliveries: 50 };
const AT_ONCE = 10;
/** A claim outlives one POST and what is written about it. */
const CLAIM_MARGIN_MS = 5_000;

/**
 * Sends what is pending for one subscription, in order, one after another, until nothing is left, an attempt fails or the
 * turn has lasted long enough for others to have theirs.
 */
export class TurnRunner {
  readonly #options: TurnRunnerOptions;
  readonly #ttlMs: number;

  constructor(options: TurnRunnerOptions) {
    this.#options = options;
    this.#ttlMs = options.timeoutMs + CLAIM_MARGIN_MS;
  }

  /** Rejects with what the database said; then the turn is given back, or ends by itself. */
  async run(subscriptionId: string): Promise<NextTurn | undefined> {
    const { turns, metrics, stopping } = this.#options;
    if (stopping.aborted) return undefined;
    const turn = await turns.claim(subscriptionId, newEventId(), this.#ttlMs);
    if (!turn) return undefined;
    metrics.running(1);
    try {
      await failpoint('after-claim');
      return await this.#send(turn);
    } catch (error) {
      const more = await turns.giveBack(turn);
      if (error instanceof PostInterrupted) return more ? { afterMs: 0, troubled: turn.failures > 0 } : undefined;
      throw error;
    } finally {
      metrics.running(-1);
      this.#options.onProgress(subscriptionId);
    }
  }

  async #send(turn: Turn): Promise<NextTurn | undefined> {
    const { turns, clock } = this.#options;
    const envelope = envelopeOf(turn, this.#options.vault);
    const fromMs = clock.monotonicMs();
    let { doneSeq } = turn;
    for (let sent = 0; sent < SLICE.deliveries && clock.monotonicMs() - fromMs < SLICE.ms; ) {
      const deliveries = await turns.next(turn.subscriptionId, doneSeq, AT_ONCE);
      if (deliveries.length === 0) break;
      for (const delivery of deliveries) {
        const result = await this.#attempt(turn, envelope, delivery);
        if (result.outcome !== 'delivered') return this.#failed(turn, delivery, result, clock.monotonicMs() - fromMs);
        const after = await turns.delivered(turn, delivery, result, this.#ttlMs);
        await failpoint('after-record');
        if (after !== 'more') return undefined;
        Object.assign(turn, { failures: 0, failingForMs: 0 });
        doneSeq = delivery.seq;
        sent += 1;
      }
      this.#options.onProgress(turn.subscriptionId);
    }
    return (await turns.giveBack(turn)) ? { afterMs: 0, troubled: false } : undefined;
  }

  async #attempt(turn: Turn, envelope: Envelope, delivery: PendingDelivery): Promise<PostResult> {
    const { receivers, metrics, stopping, clock } = this.#options;
    const { id, body, mediaType } = delivery;
    const result = await receivers.post(
      {
        subscriptionId: turn.subscriptionId,
        url: turn.url,
        headers: envelope.headersOf({ id, atMs: clock.now(), body }, mediaType),
        body,
        secrets: envelope.secrets,
      },
      stopping,
    );
    await failpoint('after-send');
    metrics.attempted(result);
    return result;
  }

  /** `inTurnMs`: what the turn has lasted, which the failures have lasted longer than when it began. */
  async #failed(
    turn: Turn,
    delivery: PendingDelivery,
    result: PostResult,
    inTurnMs: number,
  ): Promise<NextTurn | undefined> {
    const { turns, policy, random = Math.random } = this.#options;
    const failures = turn.failures + 1;
    const failingForMs = turn.failures === 0 ? 0 : turn.failingForMs + inTurnMs;
    const { retryAfterMs } = result;
    const verdict = afterFailure({ outcome: result.outcome, failures, failingForMs, retryAfterMs }, policy, random());
    if (verdict.suspend && (await this.#suspend(turn, delivery, result, { ...verdict, suspend: verdict.suspend })))
      return undefined;
    if (!verdict.suspend) await turns.failed(turn, delivery, result, verdict.retryMs);
    return { afterMs: verdict.retryMs, troubled: true };
  }

  async #suspend(
    turn: Turn,
    delivery: PendingDelivery,
    result: PostResult,
    { suspend: reason, retryMs }: Verdict & { suspend: SuspensionReason },
  ): Promise<boolean> {
    const { turns, clock, log } = this.#options;
    const { workspace, subscriptionId } = turn;
    const detail = result.status === undefined ? result.outcome : `${result.outcome}: status ${result.status}`;
    const event = makeHouseEvent({
      id: newEventId(),
      name: 'subscription.suspended',
      workspace,
      time: new Date(clock.now()).toISOString(),
      data: { subscriptionId, reason, detail },
    });
    const routing = houseRouting(workspace, 'subscription.suspended', subscriptionId);
    const message = { kind: 'event' as const, event, routing };
    const suspended = await turns.suspend(turn, delivery, result, { reason, detail, retryMs, message });
    if (suspended) log.warn({ subscription: subscriptionId, reason, detail }, 'a subscription is suspended');
    return suspended;
  }
}
