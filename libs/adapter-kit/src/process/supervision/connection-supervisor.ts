import { isPlatformError, type WireError } from '@tributary/contracts';
import type { EvidenceRow } from '@tributary/database';
import type { Clock, Logger, Metrics } from '@tributary/runtime';
import type { BreakerTurn } from '../../breakers/breaker.ts';
import type { CloseReason } from '../../contract.ts';
import type { AdapterBuild } from '../../lineage/via-of.ts';
import { LinkBook } from '../../links/link-book.ts';
import type { AttendedConnection } from '../backfills/attended-connection.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import { ownTrouble } from '../own-trouble.ts';
import type {
  BreakerElsewhere,
  CheckpointStore,
  ConnectionRecord,
  DeviceDirectory,
  Failpoint,
  Publisher,
  StatusBook,
} from '../ports.ts';
import type { ConfirmedMemory } from '../publishing/confirmed-memory.ts';
import { ConnectionPublisher } from '../publishing/connection-publisher.ts';
import type { RunBook } from '../publishing/run-book.ts';
import { askedToWaitMs, fullJitter } from '../scheduling/backoff.ts';
import type { DueQueue } from '../scheduling/due-queue.ts';
import { withTimeout } from '../scheduling/with-timeout.ts';
import { type ConnectionInstance, type InstanceOptions, makeInstance } from './connection-instance.ts';
import { ConnectionStatus, isRefusal, type Status, type Trouble, troubleOf } from './connection-status.ts';
import { ConnectionWork } from './connection-work.ts';
import { DeviceInventory } from './device-inventory.ts';
import { OpenBreakers } from './open-breakers.ts';
import { RoundMetrics } from './round-metrics.ts';
import { StatusTeller } from './status-teller.ts';

export interface SupervisorOptions extends InstanceOptions {
  record: ConnectionRecord;
  lease: HeldLease;
  publisher: Publisher;
  memory: ConfirmedMemory;
  runs: Pick<RunBook, 'keep'>;
  checkpoints: CheckpointStore;
  directory: DeviceDirectory;
  book: StatusBook;
  due: DueQueue;
  clock: Clock;
  random: () => number;
  log: Logger;
  metrics: Metrics;
  failpoint: Failpoint;
  build?: AdapterBuild | undefined;
  /** Looks after the connection's open commands; called on the schedule `follow`. */
  follow: (instance: ConnectionInstance, signal: AbortSignal) => Promise<void>;
  /** Sees to its backfills while it is well. */
  attend: (connection: AttendedConnection) => () => Promise<void>;
}

const PROBE_TIMEOUT_MS = 30_000;
const BACKOFF = { baseMs: 1_000, capMs: 60_000 };
/** Refused credentials are tried rarely, ever more rarely: a vendor locks accounts. */
const REFUSED = { baseMs: 60_000, capMs: 1_800_000 };

/** One connection while this process owns it: probe, discovery, polls, stream, and what it says of itself. */
export class ConnectionSupervisor {
  readonly record: ConnectionRecord;
  readonly lease: HeldLease;
  readonly publisher: ConnectionPublisher;
  readonly #options: SupervisorOptions;
  readonly #status: ConnectionStatus;
  readonly #teller: StatusTeller;
  readonly #breakers: OpenBreakers;
  readonly #inventory: DeviceInventory;
  readonly #rounds: RoundMetrics;
  readonly #links: LinkBook;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #instance: ConnectionInstance | undefined;
  #working: ConnectionWork | undefined;
  #closeReason: CloseReason = 'released';
  #life: Promise<void> = Promise.resolve();
  #wakeProbe = new AbortController();
  #lastError: (WireError & { at: string }) | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.record = options.record;
    this.lease = options.lease;
    this.#signal = AbortSignal.any([this.#stop.signal, options.lease.signal]);
    this.#status = new ConnectionStatus(options.record.lastStatus);
    const { workspace, platform, id } = options.record;
    this.#rounds = new RoundMetrics({ ...options, connectionId: id });
    this.#links = new LinkBook(options.clock);
    const onSetAside = (item: Parameters<LinkBook['setAside']>[0]) => this.#links.setAside(item);
    this.publisher = new ConnectionPublisher({ ...options, workspace, platform, onSetAside });
    options.runs.keep(this.publisher.ledger);
    const { lastStatus: lastSaid, unsaid } = options.record;
    this.#teller = new StatusTeller({ ...options, publisher: this.publisher, lastSaid, unsaid });
    this.#breakers = new OpenBreakers({
      clock: options.clock,
      report: (part, trouble, note) => this.#report(part, trouble, note),
      forget: (part) => this.#status.forget(part),
    });
    this.#inventory = new DeviceInventory({
      connectionId: id,
      directory: options.directory,
      publisher: this.publisher,
    });
  }

  start(): void {
    this.#life = this.#live();
  }

  /** Stops timers and streams, sends what waits, waits for the confirms that still count; then the adapter is closed. */
  async stop(reason: CloseReason = 'stopping'): Promise<void> {
    this.#closeReason = reason;
    this.publisher.flush();
    this.#stop.abort(new Error('the connection is let go'));
    await this.#life;
    this.#breakers.stop();
    await this.#teller.settled();
    this.publisher.forget();
  }

  /** The adapter, where the configuration allows one. */
  get instance(): ConnectionInstance | undefined {
    return this.#instance;
  }

  get status(): Status {
    return this.#status.status;
  }

  /** What was said of it so far, for whoever looks after it next. */
  get said(): Pick<ConnectionRecord, 'lastStatus' | 'unsaid'> {
    return this.#teller.said;
  }

  get reason(): string | undefined {
    return this.#status.trouble?.reason;
  }

  get lastError(): (WireError & { at: string }) | undefined {
    return this.#lastError;
  }

  /** What is seen of the way from the platform to the bus. */
  evidence(): EvidenceRow {
    const access = this.#instance?.access.waits() ?? { budgetMs: 0, answerMs: 0 };
    const waits = { ...access, confirmMs: this.publisher.unconfirmedMs };
    const { id: connectionId } = this.record;
    return { connectionId, epoch: this.lease.epoch, ...this.#links.facts(waits, this.#pollEveryMs()) };
  }

  /** Of the most frequent poll; a round that takes longer than its turn is as far from the next as it takes. */
  #pollEveryMs(): number | undefined {
    const { adapter, schedules } = this.#instance ?? {};
    const periods = Object.entries(adapter?.polls ?? {}).flatMap(([part, { schedule }]) => {
      const everyMs = schedules?.[schedule];
      return everyMs === undefined ? [] : [Math.max(everyMs, this.#links.roundMs(part) ?? 0)];
    });
    return periods.length === 0 || adapter?.stream ? undefined : Math.min(...periods);
  }

  /** Breakers of this connection that are not closed in other replicas. */
  breakersElsewhere(breakers: readonly BreakerElsewhere[]): void {
    if (!this.#signal.aborted) this.#breakers.elsewhere(breakers);
  }

  /** False where there is no discovery, or the connection is not well enough for one. */
  discoverSoon(): boolean {
    return this.#working?.discoverSoon() ?? false;
  }

  /** Somebody has reason to believe that the credentials work again. */
  probeSoon(): void {
    this.#wakeProbe.abort();
  }

  async #live(): Promise<void> {
    for (let failures = 1; !this.#signal.aborted; failures++) {
      try {
        const instance = makeInstance(this.record, {
          ...this.#options,
          onBreaker: this.#onBreaker,
          links: this.#links,
        });
        this.#instance = instance;
        await this.#lead(instance);
        failures = 0;
      } catch (error) {
        if (this.#signal.aborted) break;
        this.#failed('configuration', error);
        // A wrong configuration waits for its change, which makes another supervisor.
        const wait = isPlatformError(error) ? REFUSED.capMs : fullJitter(failures, this.#jitter(BACKOFF));
        await this.#sleep(wait);
      } finally {
        await this.#close();
      }
    }
  }

  async #lead(instance: ConnectionInstance): Promise<void> {
    await this.#restore();
    while (!this.#signal.aborted) {
      await this.#probeUntilWell(instance);
      if (!this.#signal.aborted) await this.#work(instance);
    }
  }

  async #restore(): Promise<void> {
    for (let failures = 1; !this.#signal.aborted; failures++) {
      try {
        await this.#inventory.restore();
        this.#instance?.access.rememberDevices(this.#inventory.nativeIds());
        return;
      } catch (error) {
        this.#options.log.debug({ err: error }, 'the known devices could not be read');
        await this.#sleep(fullJitter(failures, this.#jitter(BACKOFF)));
      }
    }
  }

  async #probeUntilWell(instance: ConnectionInstance): Promise<void> {
    for (let failures = 1; !this.#signal.aborted; failures++) {
      this.#wakeProbe = new AbortController();
      try {
        const limit = { clock: this.#options.clock, ms: PROBE_TIMEOUT_MS, what: 'probe', signal: this.#signal };
        await withTimeout(limit, (signal) => instance.adapter.probe(signal));
        for (const part of ['configuration', 'credentials']) {
          this.#status.forget(part);
          this.#links.partWell(part, 'nothing');
        }
        this.#report('probe', undefined);
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        const refused = isRefusal(error);
        this.#failed(refused ? 'credentials' : 'probe', error);
        const backoff = this.#jitter(refused ? REFUSED : BACKOFF);
        const least = refused ? Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(20, failures - 1)) / 2 : 0;
        const wait = Math.max(least, fullJitter(failures, backoff), askedToWaitMs(error));
        await this.#sleep(wait, this.#wakeProbe.signal);
      }
    }
  }

  /** Until the connection is let go, or its credentials are refused. */
  async #work(instance: ConnectionInstance): Promise<void> {
    const work = new ConnectionWork({
      ...this.#options,
      instance,
      publisher: this.publisher,
      inventory: this.#inventory,
      rounds: this.#rounds,
      signal: this.#signal,
      onWell: (part, note) => this.#report(part, undefined, note),
      onBrings: (part, brings) => this.#links.partWell(part, brings),
      onNote: (part, error) => this.#note(part, error),
      onTrouble: (part, error) => this.#failed(part, error),
    });
    this.#working = work;
    try {
      await work.run();
    } finally {
      this.#working = undefined;
    }
  }

  async #close(): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    try {
      await instance?.close(this.#closeReason);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the adapter could not be closed in order');
    }
  }

  readonly #onBreaker = (record: ConnectionRecord, turn: BreakerTurn): void => {
    this.#options.onBreaker?.(record, turn);
    this.#breakers.turned(turn);
  };

  #failed(part: string, error: unknown): void {
    this.#note(part, error);
    this.#report(part, troubleOf(part, error));
  }

  #note(part: string, error: unknown): void {
    this.#links.partFailed(part, error);
    const at = new Date(this.#options.clock.now()).toISOString();
    if (isPlatformError(error)) this.#lastError = { ...error.toWire(), at };
    this.#options.log.debug({ err: error, part }, 'a round failed');
    const away = ownTrouble(error);
    if (away) this.#options.log.warn({ err: error, part }, away);
    else if (!isPlatformError(error) && !this.#signal.aborted)
      this.#options.log.error({ err: error, part }, 'an unexpected error of the adapter');
  }

  /** A loss is logged once and its return once. One that is let go says nothing any more. */
  #report(part: string, trouble: Trouble | undefined, note?: string): void {
    if (this.#signal.aborted) return;
    if (!trouble) this.#links.partWell(part, 'nothing');
    const change = this.#status.report(part, trouble, note);
    if (!change) return;
    const { event, ...details } = change;
    const level = event === 'connected' || event === 'recovered' ? 'info' : 'warn';
    this.#options.log[level](details, `connection ${event}`);
    this.#teller.tell(this.#status.status, change);
  }

  async #sleep(ms: number, wake?: AbortSignal): Promise<void> {
    const signal = wake ? AbortSignal.any([this.#signal, wake]) : this.#signal;
    await this.#options.due.sleep(ms, signal).catch(() => undefined);
  }

  #jitter(backoff: { baseMs: number; capMs: number }) {
    return { ...backoff, random: this.#options.random };
  }
}
