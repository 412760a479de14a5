import type { Call, Look, NativeId, Observation, Presence, Window } from '@tributary/adapter-kit';
import type { OpticloudClient } from '../client.ts';
import type { Settings } from '../config.ts';
import { pointsOf } from '../mapping.ts';
import type { SeriesRow } from '../wire.ts';
import { canBeAskedFor, readRange } from './telemetry.range.ts';

/** Clocks of devices and of the platform may run ahead of ours by this much; what lies further ahead comes in its time. */
const AHEAD_MS = 5 * 60_000;

/** Read again by every look; what is younger may still be on its way to the platform. */
export const SHALLOW_LOOK_BACK_MS = 30_000;

/** Live telemetry of one device after the other. */
export class TelemetryLook implements Look {
  /** Newest time seen, by device and signal. */
  readonly #newest = new Map<NativeId, Map<string, number>>();

  /** Until when each device was last read with the whole look-back. */
  readonly #deepLook = new Map<NativeId, number>();

  constructor(
    private readonly client: OpticloudClient,
    private readonly settings: Settings['telemetry'],
    private readonly presence: Pick<Presence, 'heard'>,
  ) {}

  forget(): void {
    this.#newest.clear();
    this.#deepLook.clear();
  }

  newestOnly(device: NativeId): { signals: readonly string[]; reason: string } {
    const signals = [...(this.#newest.get(device)?.keys() ?? [])].filter((key) => !canBeAskedFor(key));
    return { signals, reason: 'of a signal of this name the platform gives the newest value alone' };
  }

  async *visit(device: NativeId, window: Window, call: Call): AsyncGenerator<Observation, boolean, undefined> {
    const latest = await this.client.latest(device, Math.ceil(window.toMs), call);
    const before = this.#newest.get(device);
    const starts = this.#starts(device, window);
    const fromMs = Math.min(starts.deepFromMs, window.fromMs);
    yield* this.#observe(
      device,
      latest.filter((row) => onlyFromLatest(row, fromMs, before === undefined)),
    );
    for (const range of planRanges(latest, before, starts)) {
      const asked = { ...range, toMs: window.toMs + AHEAD_MS, pageSize: this.settings.pageSize };
      for await (const rows of readRange(this.client, device, asked, call)) yield* this.#observe(device, rows);
    }
    // A time ahead of ours is no sign of life.
    for (const { ts } of latest) if (ts <= window.toMs) this.presence.heard(device, ts);
    this.#newest.set(device, new Map(latest.map(({ key, ts }) => [key, ts])));
    if (starts.deep) this.#deepLook.set(device, window.toMs);
    return latest.some(({ key, ts }) => before?.get(key) !== ts);
  }

  /**
   * The whole look-back is read once a minute or so; in between, a short one spares the platform and us from reading
   * the same minutes again and again. A deep look reaches back from the last deep one, not from the look before it: what
   * came late in between may lie as far back as that. Where we do not remember it, it was `lateEvery` before at most.
   */
  #starts(device: NativeId, { fromMs, toMs }: Window): RangeStarts {
    const { lookBack, lateEvery } = this.settings;
    const lastMs = this.#deepLook.get(device);
    const deep = lastMs === undefined || toMs - lastMs >= lateEvery;
    const deepFromMs = lastMs === undefined ? fromMs - lateEvery : Math.min(fromMs, lastMs - lookBack);
    return {
      deep,
      fromMs: deep ? deepFromMs : fromMs + lookBack - Math.min(lookBack, SHALLOW_LOOK_BACK_MS),
      deepFromMs,
    };
  }

  *#observe(device: NativeId, rows: readonly SeriesRow[]): Generator<Observation, void, undefined> {
    const points = pointsOf(rows, this.settings.values);
    if (points.length > 0) yield { type: 'points', device, origin: 'poll', points };
  }
}

/** A first look brings the newest value of a signal however old it is; later only what no range call can name. */
const onlyFromLatest = ({ key, ts }: SeriesRow, fromMs: number, first: boolean): boolean =>
  ts < fromMs ? first : !canBeAskedFor(key);

export interface RangeStarts {
  /** Reads what came late as well; otherwise only signals with a newer value are read. */
  deep: boolean;
  /** Signals that speak regularly are read from here. */
  fromMs: number;
  /** A signal that was never seen before is read from here. */
  deepFromMs: number;
}

/**
 * What to read by range. A signal whose newest value is older than the window brings nothing. One that was silent for
 * longer and speaks again may bring what its device had buffered meanwhile, so it is read from where it fell silent;
 * few signals do, and they share one range.
 */
export function planRanges(
  latest: readonly SeriesRow[],
  before: ReadonlyMap<string, number> | undefined,
  { deep, fromMs, deepFromMs }: RangeStarts,
): { keys: string[]; fromMs: number }[] {
  const startOf = (key: string) => Math.min(fromMs, before?.has(key) ? (before.get(key) ?? 0) + 1 : deepFromMs);
  const isWanted = ({ key, ts }: SeriesRow) => ts >= startOf(key) && (deep || before?.get(key) !== ts);
  const moved = latest.filter(isWanted).map(({ key }) => key);
  const steady = moved.filter((key) => startOf(key) === fromMs);
  const returning = moved.filter((key) => startOf(key) < fromMs);
  const ranges = [
    { keys: steady, fromMs },
    { keys: returning, fromMs: Math.min(...returning.map(startOf)) },
  ];
  return ranges.filter(({ keys }) => keys.length > 0);
}
