import type { Broker, Consumer, Delivery } from '@tributary/messaging';
import { type Clock, failpoint, type Logger } from '@tributary/runtime';
import { BatchSealer, type SealLimits } from '../batches/batch-sealer.ts';
import type { StorageGate } from '../batches/storage-gate.ts';
import type { Parking } from '../parking/parking.ts';
import type { Fault } from '../parking/reasons.ts';
import { HeldMessages } from './held-messages.ts';
import type { IntakeMetrics } from './intake-metrics.ts';
import type { Decoded, Held, MessageHandling, Refusal } from './message-handling.ts';
import { Suspension, type SuspensionReason } from './suspension.ts';

export interface IntakeOptions<T> {
  name: string;
  queue: string;
  prefetch: number;
  limits: SealLimits;
  /** Bodies held above this pause the intake, whatever the prefetch allows. */
  maxHeldBytes: number;
  broker: Broker;
  handling: MessageHandling<T>;
  parking: Parking;
  gate: StorageGate;
  /** Whether a body can be read without ending the process. */
  readsSafely(body: Buffer): Promise<boolean>;
  metrics: IntakeMetrics;
  clock: Clock;
  log: Logger;
}

type Refused = Omit<Refusal<unknown>, 'held'>;

/** Something held, and what acknowledges it. */
interface Taken<T> extends Held<T> {
  delivery: Delivery;
}

/** What came back so often is handled alone: it may be what ends the process. */
const SUSPECT_AFTER = 2;
const STOP_MS = 20_000;
/** With the valve shut, what does not fit will not be parked, however long one waits. */
const SHUT_STOP_MS = 2_000;
const SWEEP_MS = 1_000;
const KILLER: Fault = {
  reason: 'crashes-decoder',
  problems: [{ path: '', problem: 'reading it ends the process, or never ends' }],
};

/**
 * Takes messages from one queue, in batches to where they are stored, and acknowledges them afterwards, never before.
 * Holds at most the prefetch; asks for nothing while the database cannot take it.
 */
export class Intake<T> {
  readonly #options: IntakeOptions<T>;
  readonly #held: HeldMessages;
  readonly #sealer: BatchSealer<Taken<T>>;
  readonly #suspension: Suspension;
  readonly #cancelSweep: () => void;
  #consumer: Consumer | undefined;
  #started = false;
  /** Ends what works for a channel that is gone. */
  #life = new AbortController();
  #suspects: Promise<void> = Promise.resolve();
  #returnedAtMs: number | undefined;

  constructor(options: IntakeOptions<T>) {
    this.#options = options;
    const { clock, gate } = options;
    this.#held = new HeldMessages(options.prefetch, clock);
    this.#sealer = new BatchSealer(options.limits, clock, (batch) => void this.#store(batch));
    this.#suspension = new Suspension(clock, {
      pause: () => void this.#consumer?.pause(),
      resume: () => this.#resume(),
      release: () => void this.#release(),
    });
    gate.onChange((trouble) => {
      this.#suspend('deploy', trouble === 'deploy');
      this.#suspend('storage', trouble === 'environment');
    });
    options.parking.onShut(() => this.#suspend('valve', true));
    this.#cancelSweep = clock.every(SWEEP_MS, () => this.#sweep());
  }

  /** For how long the oldest message has been held that is neither stored nor parked; 0 without one. Milliseconds. */
  get heldMs(): number {
    return this.#held.oldestMs;
  }

  /** How long ago something was last given back to the queue. Milliseconds; undefined when nothing ever was. */
  get returnedMs(): number | undefined {
    return this.#returnedAtMs === undefined ? undefined : this.#options.clock.monotonicMs() - this.#returnedAtMs;
  }

  get suspendedBy(): readonly SuspensionReason[] {
    return this.#suspension.reasons;
  }

  /** Begins to consume, or does so as soon as there is no reason against it. */
  start(): void {
    this.#started = true;
    if (!this.#suspension.active) this.#consumer ??= this.#subscribe();
  }

  /** Asks for nothing more, stores and acknowledges what is held for up to 20 s, gives the rest back. */
  async stop(): Promise<void> {
    const { clock, name, log, parking } = this.#options;
    this.#suspend('stopping', true);
    await this.#consumer?.pause();
    this.#sealer.flush();
    const patience = new AbortController();
    const waited = clock.sleep(parking.shut ? SHUT_STOP_MS : STOP_MS, patience.signal).catch(() => undefined);
    await Promise.race([this.#held.empty(), waited]);
    patience.abort();
    const { count } = this.#held;
    if (count > 0)
      log.warn({ intake: name, held: count }, 'stopping with messages in hand; they will be delivered again');
    this.#cancelSweep();
    this.#suspension.end();
    this.#letGo(this.#held.generation);
    await this.#consumer?.close();
  }

  #subscribe(): Consumer {
    const { broker, queue, prefetch, name } = this.#options;
    const consumer = broker.consume(queue, { prefetch, name }, (delivery) => this.#deliver(delivery));
    consumer.onGeneration((generation) => {
      if (consumer === this.#consumer) this.#letGo(generation);
    });
    return consumer;
  }

  #suspend(reason: SuspensionReason, on: boolean): void {
    if (this.#suspension.reasons.includes(reason) === on) return;
    if (on) this.#suspension.add(reason);
    else this.#suspension.lift(reason);
    this.#options.metrics.suspended(this.#suspension.active);
  }

  #resume(): void {
    if (this.#consumer) void this.#consumer.resume();
    else if (this.#started) this.start();
  }

  /** After a long suspension: nothing is held any more, and consuming begins anew when there is no reason against it. */
  async #release(): Promise<void> {
    const { log, name } = this.#options;
    const reasons = this.suspendedBy;
    log.warn({ intake: name, held: this.#held.count, reasons }, 'suspended for long: giving back what is held');
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#letGo(this.#held.generation);
    await consumer?.close();
  }

  /** Forgets everything of the channel that was; a commit that is running runs on, and what it stores is stored. */
  #letGo(generation: number): void {
    this.#life.abort(new Error('the channel is gone'));
    this.#life = new AbortController();
    this.#returnedAtMs = this.#options.clock.monotonicMs();
    for (const { decoded } of this.#sealer.clear()) this.#options.handling.returned(decoded, goodSize(decoded));
    this.#held.forget(generation);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const pause = failpoint('after-deliver');
    if (pause) await pause;
    const { metrics, parking, maxHeldBytes } = this.#options;
    metrics.delivered(delivery.deliveryCount);
    parking.received();
    if (delivery.generation !== this.#held.generation) this.#letGo(delivery.generation);
    this.#held.hold(delivery);
    if (this.#held.bytes > maxHeldBytes) this.#suspend('memory', true);
    if (delivery.deliveryCount < SUSPECT_AFTER) return this.#take(delivery);
    const life = this.#life.signal;
    this.#suspects = this.#suspects.then(() => this.#takeSuspect(delivery, life));
  }

  #take(delivery: Delivery): void {
    const decoded = this.#decode(delivery);
    if (decoded.fault) void this.#park(delivery, decoded, wholly(decoded, decoded.fault));
    if (decoded.item === undefined) return;
    const weight = { points: goodSize(decoded), bytes: delivery.body.length };
    this.#sealer.add({ item: decoded.item, delivery, decoded }, weight);
  }

  #decode(delivery: Delivery): Decoded<T> {
    const { handling, log, name } = this.#options;
    let decoded: Decoded<T>;
    try {
      decoded = handling.decode(delivery.body);
    } catch (error) {
      log.error({ intake: name, err: error }, 'reading a message threw; it is parked');
      decoded = { size: 1, badSize: 1, fault: KILLER };
    }
    if (decoded.workspace !== undefined && !delivery.routingKey.startsWith(`${decoded.workspace}.`)) {
      decoded = foreign(decoded);
    }
    handling.received(decoded);
    if (decoded.fault && decoded.item !== undefined) this.#held.addPart(delivery);
    return decoded;
  }

  /** One after another, each read by another process first, so that only the guilty one comes to harm. */
  async #takeSuspect(delivery: Delivery, life: AbortSignal): Promise<void> {
    const { readsSafely, handling } = this.#options;
    if (life.aborted) return;
    const safe = await readsSafely(delivery.body);
    if (life.aborted) return;
    if (!safe) {
      const decoded: Decoded<T> = { size: 1, badSize: 1, fault: KILLER };
      handling.received(decoded);
      return this.#park(delivery, decoded, wholly(decoded, KILLER));
    }
    const decoded = this.#decode(delivery);
    if (decoded.fault) await this.#park(delivery, decoded, wholly(decoded, decoded.fault));
    if (decoded.item === undefined) return;
    const held = { item: decoded.item, delivery, decoded };
    await this.#settle([held], () => handling.storeAlone(held, life), life);
  }

  async #store(batch: Taken<T>[]): Promise<void> {
    const life = this.#life.signal;
    await this.#settle(batch, () => this.#options.handling.store(batch, life), life);
    this.#sealer.done();
    if (this.suspendedBy.includes('stopping')) this.#sealer.flush();
  }

  async #settle(
    batch: readonly Taken<T>[],
    store: () => Promise<Refusal<Taken<T>>[]>,
    life: AbortSignal,
  ): Promise<void> {
    try {
      await failpoint('after-seal');
      const refusals = await store();
      await failpoint('after-complete-before-ack');
      const guilty = new Set(refusals.map((refusal) => refusal.held));
      this.#resolve(batch.filter((held) => !guilty.has(held)));
      for (const { held, ...refused } of refusals) void this.#park(held.delivery, held.decoded, refused);
      await failpoint('after-ack');
    } catch (error) {
      if (!life.aborted) this.#giveBack(batch, error);
    }
  }

  /** A mistake of ours: the messages come again, and after the broker's limit they are dead letters, not lost. */
  #giveBack(batch: readonly Taken<T>[], error: unknown): void {
    const { log, name } = this.#options;
    log.error({ intake: name, err: error, messages: batch.length }, 'a batch failed for no known reason; given back');
    this.#returnedAtMs = this.#options.clock.monotonicMs();
    for (const { delivery } of batch) delivery.reject(true);
    this.#resolve(batch);
  }

  async #park(delivery: Delivery, decoded: Decoded<T>, refused: Refused): Promise<void> {
    const { fault, size, points } = refused;
    const life = this.#life.signal;
    const { parking, queue, handling, log, name } = this.#options;
    const { body, routingKey, headers } = delivery;
    const { workspace, eventId, connectionId } = decoded;
    try {
      await parking.park({ queue, routingKey, headers, body, fault, workspace, eventId, connectionId, points }, life);
      await failpoint('after-park-before-ack');
      handling.parked(decoded, size);
      this.#resolve([{ delivery }]);
    } catch (error) {
      handling.returned(decoded, size);
      if (!life.aborted) log.error({ intake: name, err: error }, 'could not park a message; it stays in the queue');
    }
  }

  #resolve(settled: readonly { delivery: Delivery }[]): void {
    this.#held.resolve(settled.map(({ delivery }) => delivery));
    if (this.#held.bytes * 2 < this.#options.maxHeldBytes) this.#suspend('memory', false);
  }

  #sweep(): void {
    this.#held.sweep();
    const { metrics } = this.#options;
    metrics.holding(this.#held.count, this.#held.bytes, this.#held.oldestMs);
    metrics.sealing(this.#sealer.waitingPoints, this.#sealer.underWay);
  }
}

/** The broker lets a tenant publish under its own first word only; the body must not speak for another. */
function foreign<T>({ size, eventId }: Decoded<T>): Decoded<T> {
  const problems = [{ path: '/source', problem: 'is not of the workspace it was published under' }];
  const fault: Fault = { reason: 'mismatch', problems };
  return { size, badSize: size, fault, ...(eventId === undefined ? {} : { eventId }) };
}

/** What does not fit of a message that was read. */
const wholly = ({ badSize, badPoints }: Decoded<unknown>, fault: Fault): Refused => ({
  fault,
  size: badSize,
  points: badPoints,
});

const goodSize = (decoded: Decoded<unknown>): number => decoded.size - decoded.badSize;
