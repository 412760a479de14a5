import { classifyDatabaseError, type DatabaseFault, sqlStateOf } from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';

/** The database refuses this data and would refuse it again; other data is not concerned. */
export class RefusedByDatabase extends Error {
  override readonly name = 'RefusedByDatabase';
  readonly sqlState: string | undefined;

  constructor(cause: unknown) {
    super('refused by the database', { cause });
    this.sqlState = sqlStateOf(cause);
  }
}

export type StorageTrouble = Extract<DatabaseFault, 'environment' | 'deploy'>;

export interface StorageGateOptions {
  clock: Clock;
  log: Logger;
  /** Uniform in [0, 1). */
  random?: () => number;
  classify?: (error: unknown) => DatabaseFault;
  /**
   * Asks the database whether it is well, for when nobody else does: what was held may have gone back to the broker, and
   * nothing is taken in while there is trouble. Rejects while it is not.
   */
  ask: () => Promise<unknown>;
  /** Ends the asking. */
  signal: AbortSignal;
}

const BASE_MS = 250;
const CAP_MS = 15_000;
/** How often it is looked whether anybody still tries. */
const LOOK_OUT_MS = 2_000;
const CONFLICT_RETRIES = 5;
const CONFLICT_BASE_MS = 10;

/** Everything that ingest asks of Postgres goes through here, and learns here whether anybody is to blame for a failure. */
export class StorageGate {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #classify: (error: unknown) => DatabaseFault;
  readonly #ask: () => Promise<unknown>;
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<(trouble: StorageTrouble | undefined) => void>();
  #trouble: StorageTrouble | undefined;
  #failures = 0;
  #wellMs = 0;
  /** Who has work for the database now. */
  #callers = 0;
  /** Only one caller at a time tries whether the database is back. */
  #probing = false;
  #lookingOut = false;
  #changed = Promise.withResolvers<void>();

  constructor(options: StorageGateOptions) {
    this.#clock = options.clock;
    this.#log = options.log;
    this.#random = options.random ?? Math.random;
    this.#classify = options.classify ?? classifyDatabaseError;
    this.#ask = options.ask;
    this.#signal = options.signal;
  }

  get trouble(): StorageTrouble | undefined {
    return this.#trouble;
  }

  /** When the database last took or refused something of ours; milliseconds since 1970, 0 for never. */
  get wellMs(): number {
    return this.#wellMs;
  }

  /** Told whenever trouble begins, changes its kind or ends. */
  onChange(fn: (trouble: StorageTrouble | undefined) => void): void {
    this.#listeners.add(fn);
  }

  /**
   * Runs `work` until the database has taken it. While the database is away or does not fit our code, waits and tries
   * again with full jitter between 0.25 and 15 s, for as long as it takes. `work` must be idempotent.
   * Rejects with `RefusedByDatabase` when the data is to blame, and with the signal's reason when it aborts.
   */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#callers += 1;
    try {
      return await this.#insist(work, signal);
    } finally {
      this.#callers -= 1;
    }
  }

  async #insist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let conflicts = 0; ; ) {
      const probe = await this.#admit(signal);
      try {
        const result = await work();
        this.#recovered();
        return result;
      } catch (error) {
        const fault = this.#classify(error);
        if (fault === 'bad-message') {
          this.#recovered();
          throw new RefusedByDatabase(error);
        }
        if (fault === 'conflict' && conflicts < CONFLICT_RETRIES) {
          conflicts += 1;
          await this.#clock.sleep(this.#random() * CONFLICT_BASE_MS * 2 ** conflicts, signal);
        } else this.#failed(fault === 'deploy' ? 'deploy' : 'environment', error, probe);
      } finally {
        if (probe) this.#endProbe();
      }
    }
  }

  /** Resolves when a call may go ahead; true makes the caller the one that tries whether the database is back. */
  async #admit(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      signal.throwIfAborted();
      if (!this.#trouble) return false;
      if (this.#probing) await untilAborted(this.#changed.promise, signal);
      else return this.#becomeProbe(signal);
    }
  }

  async #becomeProbe(signal: AbortSignal): Promise<true> {
    this.#probing = true;
    const capMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(this.#failures, 10));
    try {
      await this.#clock.sleep(this.#random() * capMs, signal);
    } catch (error) {
      this.#endProbe();
      throw error;
    }
    return true;
  }

  #endProbe(): void {
    this.#probing = false;
    this.#wakeAll();
  }

  #wakeAll(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  #failed(trouble: StorageTrouble, error: unknown, probe: boolean): void {
    if (probe || !this.#trouble) this.#failures += 1;
    if (this.#trouble === trouble) return;
    this.#trouble = trouble;
    if (trouble === 'deploy')
      this.#log.fatal({ err: error }, 'code and schema do not fit: taking nothing in, parking nothing');
    else this.#log.error({ err: error }, 'the database is away: holding what is in hand');
    this.#tell();
    if (!this.#lookingOut) void this.#lookOut();
  }

  /** Until the trouble is over: where nobody has work any more that would notice it, asks by itself. */
  async #lookOut(): Promise<void> {
    this.#lookingOut = true;
    try {
      while (this.#trouble) {
        await this.#clock.sleep(LOOK_OUT_MS, this.#signal);
        if (this.#trouble && this.#callers === 0) await this.run(this.#ask, this.#signal);
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#log.error({ err: error }, 'the database could not be asked whether it is well');
    } finally {
      this.#lookingOut = false;
    }
  }

  #recovered(): void {
    this.#failures = 0;
    this.#wellMs = this.#clock.now();
    if (!this.#trouble) return;
    this.#trouble = undefined;
    this.#log.info('the database is back');
    this.#tell();
    this.#wakeAll();
  }

  #tell(): void {
    for (const fn of this.#listeners) fn(this.#trouble);
  }
}

/** Waits for the promise, but not beyond an abort. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
