import type { PlatformError } from '@tributary/contracts';
import type { CoveredSpan, NativeId } from '../contract.ts';

interface Looked {
  /** Everything that the platform held up to here has been brought. */
  lookedUntilMs: number;
  trouble?: PlatformError['code'] | undefined;
}

/** Devices that one statement may name: what is wrong with all of them is not theirs. */
const MOST_NAMED = 1_000;

/** In words of our own: the platform's stand in the log and in the connection's health. */
const REASONS: Partial<Record<PlatformError['code'], string>> = {
  'not-found': 'the platform does not know this device any more',
  'permission-denied': 'the account may not read this device',
  'invalid-request': 'the platform refuses to be asked for this device',
  'malformed-response': 'the answers for this device cannot be read',
};

/**
 * What a sweep over devices may say it has covered: one stretch for the whole connection, up to where the device that was
 * looked at longest ago has been read, and an exception for each device that cannot be. Pure: the caller brings times.
 */
export class SweptCover {
  /** Up to here the connection has been spoken for. */
  #spokenMs: number | undefined;
  #exceptions: CoveredSpan[] = [];

  constructor(private readonly lagMs: number) {}

  /** The sweep begins again where its checkpoint says. */
  forget(): void {
    this.#spokenMs = undefined;
  }

  /** Before the visits of a slice. */
  begin(watches: readonly [NativeId, Looked][]): void {
    this.#exceptions = [];
    // Those before us spoke for no more than this; what lies between was read again by every later look.
    this.#spokenMs ??= leastOf(watches) - this.lagMs;
  }

  /** One device has been read for [fromMs, toMs). */
  read(
    device: NativeId,
    { fromMs, toMs, troubled }: { fromMs: number; toMs: number; troubled: boolean },
    newestOnly?: { signals: readonly string[]; reason: string },
  ): void {
    const span = { device, fromMs, toMs: toMs - this.lagMs };
    // It could not be read for a while, and has been made up for.
    if (troubled) this.#exceptions.push(span);
    for (const signal of newestOnly?.signals ?? []) {
      this.#exceptions.push({ ...span, signal, state: 'partial', reason: newestOnly?.reason ?? '' });
    }
  }

  /** After the visits of a slice: everything that can be said now. */
  end(watches: readonly [NativeId, Looked][]): CoveredSpan[] {
    const well = watches.filter(([, { trouble }]) => trouble === undefined);
    const fromMs = this.#spokenMs;
    if (well.length === 0 || fromMs === undefined) return this.#exceptions;
    const toMs = leastOf(well) - this.lagMs;
    const unread = watches.flatMap(([device, looked]) => this.#unread(device, looked, toMs));
    if (toMs > fromMs) this.#spokenMs = toMs;
    return [{ fromMs, toMs }, ...unread.slice(0, MOST_NAMED), ...this.#exceptions].filter(
      (span) => span.fromMs < span.toMs,
    );
  }

  #unread(device: NativeId, { lookedUntilMs, trouble }: Looked, toMs: number): CoveredSpan[] {
    if (trouble === undefined) return [];
    const state = trouble === 'not-found' ? ('unrecoverable' as const) : ('missing' as const);
    const reason = REASONS[trouble] ?? 'this device could not be read';
    return [{ device, fromMs: lookedUntilMs - this.lagMs, toMs, state, reason }];
  }
}

const leastOf = (watches: readonly [NativeId, Looked][]): number =>
  Math.min(...watches.map(([, { lookedUntilMs }]) => lookedUntilMs));
