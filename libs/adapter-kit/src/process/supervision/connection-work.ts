import { type Clock, type Logger, withSpan } from '@tributary/runtime';
import type { AttendedConnection } from '../backfills/attended-connection.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { CheckpointStore, Failpoint } from '../ports.ts';
import type { ConnectionPublisher } from '../publishing/connection-publisher.ts';
import type { DueQueue } from '../scheduling/due-queue.ts';
import { Repeater } from '../scheduling/repeater.ts';
import type { ConnectionInstance } from './connection-instance.ts';
import { isRefusal } from './connection-status.ts';
import type { DeviceInventory } from './device-inventory.ts';
import { runPoll } from './poll-runner.ts';
import type { RoundMetrics } from './round-metrics.ts';
import { StreamParts } from './stream-parts.ts';

export interface ConnectionWorkOptions {
  instance: ConnectionInstance;
  lease: HeldLease;
  publisher: ConnectionPublisher;
  inventory: DeviceInventory;
  checkpoints: CheckpointStore;
  rounds: RoundMetrics;
  due: DueQueue;
  clock: Clock;
  random: () => number;
  log: Logger;
  failpoint: Failpoint;
  signal: AbortSignal;
  follow: (instance: ConnectionInstance, signal: AbortSignal) => Promise<void>;
  /** Sees to its backfills until the returned function is called, which waits for what is under way. */
  attend: (connection: AttendedConnection) => () => Promise<void>;
  onWell: (part: string, note?: string) => void;
  /** A poll is through, or a stream stands: what there was to bring has been brought. */
  onBrings: (part: string, brings: 'poll' | 'stream' | 'gone') => void;
  /** A failure that is no news yet. */
  onNote: (part: string, error: unknown) => void;
  onTrouble: (part: string, error: unknown) => void;
}

/** One failed round is weather. */
const FAILURES_THAT_COUNT = 3;
const DEFAULT_INTERVAL_MS = 60_000;

/** What a well connection does all day: discovery, polls, stream, its open orders. */
export class ConnectionWork {
  readonly #options: ConnectionWorkOptions;
  readonly #repeaters: Repeater[] = [];
  readonly #refused = new AbortController();
  readonly #signal: AbortSignal;
  #discover: Repeater | undefined;
  #restBegun = false;
  #leaveBackfills: () => Promise<void> = async () => undefined;

  constructor(options: ConnectionWorkOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#refused.signal]);
  }

  /** Resolves when the connection is let go, or when its credentials were refused, and everything has come to rest. */
  async run(): Promise<void> {
    const { instance, rounds } = this.#options;
    this.#begin();
    const stream = this.#stream();
    await new Promise<void>((resolve) => {
      if (this.#signal.aborted) resolve();
      this.#signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.all([stream, this.#leaveBackfills(), ...this.#repeaters.map((repeater) => repeater.stopped())]);
    rounds.forget(['discover', 'follow', ...Object.keys(instance.adapter.polls ?? {})]);
  }

  /** False where there is no discovery. */
  discoverSoon(): boolean {
    this.#discover?.soon();
    return this.#discover !== undefined;
  }

  /** Polls of a connection without known devices begin after its first discovery: they may need the list. */
  #begin(): void {
    const { instance, inventory } = this.#options;
    const { devices } = instance.adapter;
    if (devices) {
      const sweep = async (signal: AbortSignal) => {
        await inventory.sweep(devices.discover(signal), signal);
        instance.access.rememberDevices(inventory.nativeIds());
      };
      this.#discover = this.#repeat('discover', 'discover', sweep, () => this.#beginRest());
    }
    if (!devices || inventory.nativeIds().length > 0) this.#beginRest();
    else this.#discover?.soon();
  }

  #beginRest(): void {
    if (this.#restBegun || this.#signal.aborted) return;
    this.#restBegun = true;
    const { instance, publisher, follow } = this.#options;
    const observe = publisher.observe.bind(publisher);
    for (const [name, poll] of Object.entries(instance.adapter.polls ?? {})) {
      const { ledger } = publisher;
      const kept = () => publisher.kept();
      const options = { ...this.#options, name, poll, observe, kept, ledger, flush: () => publisher.flush() };
      this.#repeat(name, poll.schedule, (signal) => runPoll(options, signal));
    }
    this.#leaveBackfills = this.#options.attend({
      workspace: instance.record.workspace,
      lease: this.#options.lease,
      adapter: instance.adapter,
      publisher,
      devices: () => this.#options.inventory.nativeIds(),
    });
    if (instance.adapter.commands) this.#repeat('follow', 'follow', (signal) => follow(instance, signal));
  }

  #repeat(part: string, schedule: string, run: (signal: AbortSignal) => Promise<void>, then = () => {}): Repeater {
    const { instance, rounds, onWell, onNote, onTrouble } = this.#options;
    const repeater = new Repeater({
      ...this.#options,
      intervalMs: instance.schedules[schedule] ?? DEFAULT_INTERVAL_MS,
      signal: this.#signal,
      run: (signal) => withSpan(`${part} round`, {}, () => rounds.measure(part, () => run(signal))),
      onSuccess: (failuresBefore) => {
        onWell(part);
        if (Object.hasOwn(instance.adapter.polls ?? {}, part)) this.#options.onBrings(part, 'poll');
        // One part that is well again is a sign for the others.
        if (failuresBefore > 0) for (const other of this.#repeaters) other.encourage();
        then();
      },
      onFailure: (error, failures) => {
        this.#noticeRefusal(error);
        (failures >= FAILURES_THAT_COUNT ? onTrouble : onNote)(part, error);
        then();
      },
    });
    repeater.start();
    this.#repeaters.push(repeater);
    return repeater;
  }

  async #stream(): Promise<void> {
    const { instance, inventory, publisher, onWell, onNote, onTrouble } = this.#options;
    if (!instance.adapter.stream) return;
    const streams = new StreamParts({
      ...this.#options,
      adapter: instance.adapter,
      everyMs: instance.schedules.discover ?? DEFAULT_INTERVAL_MS,
      devices: () => inventory.nativeIds(),
      observe: (observation) => publisher.observe(observation),
      run: () => publisher.ledger.run,
      onOpen: (name, note) => {
        onWell(name, note);
        this.#options.onBrings(name, 'stream');
      },
      onFailure: (name, error) => {
        this.#noticeRefusal(error);
        onNote(name, error);
      },
      onDown: onTrouble,
      onGone: (name) => {
        onWell(name);
        this.#options.onBrings(name, 'gone');
      },
    });
    await streams.run(this.#signal);
  }

  #noticeRefusal(error: unknown): void {
    if (this.#signal.aborted || !isRefusal(error)) return;
    this.#options.onTrouble('credentials', error);
    this.#refused.abort(error);
  }
}
