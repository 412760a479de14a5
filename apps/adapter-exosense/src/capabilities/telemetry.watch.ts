import type { ConnectionKit, CoveredSpan, NativeId, Observation, PointValue } from '@tributary/adapter-kit';
import { distinct, isLatestOnly, pointOf, primitiveTypeOf, timedValue } from '../mapping.ts';
import { type Newest, SignalTrack } from '../signal-track.ts';
import { newestAlone } from '../sweep-cover.ts';
import { ucumOf } from '../units.ts';
import * as wire from '../wire.ts';
import type { Gap } from './telemetry.backfill.ts';

/** What the platform answers of one signal at most. */
export const MOST_POINTS = 1_000;
const FIRST_POINTS = 20;
/** More than is expected, so that two missed sweeps leave no gap. */
const SPARE_POINTS = 5;
const USUAL_SIGNALS = 8;

/** What is known of a signal, for values that come by another way. */
export interface SignalFacts {
  unit: string | undefined;
  primitiveType: string | undefined;
}

/** One answer for one asset: what it brings, what it lacks, and what is remembered once it is handed on. */
export interface Looked {
  points: PointValue[];
  gaps: Gap[];
  /** Where only the newest of several values may have been seen. */
  newestOnly: CoveredSpan[];
  /** By the platform's clock: up to here it has answered. */
  platformTimeMs: number;
  /** More of the newest must be asked for to be sure. */
  wantsMore: boolean;
  commit(): void;
}

export interface WatchOptions {
  device: NativeId;
  /** Up to where everything was handed on before we remember. */
  standInMs: number;
  /** Nothing was handed on yet: what lies before is no gap. */
  isNew: boolean;
  lookBackMs: number;
}

/** One asset in the sweep: how far each of its signals has been handed on, and how much of it to ask for. */
export class AssetWatch {
  readonly device: NativeId;
  readonly facts = new Map<NativeId, SignalFacts>();
  lookedUntilMs: number;
  trouble: string | undefined;
  readonly #options: WatchOptions;
  readonly #tracks = new Map<NativeId, SignalTrack>();
  #limit = FIRST_POINTS;
  /** More than this has proved to be too much of this asset alone. */
  #most = MOST_POINTS;
  #deepAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.device = options.device;
    this.lookedUntilMs = options.standInMs;
  }

  get most(): number {
    return this.#most;
  }

  /** Points of each signal to ask for now; `deep` covers the whole look-back, for what comes late. */
  plan(nowMs: number, lateEveryMs: number): { limit: number; deep: boolean } {
    const deep = nowMs - this.#deepAtMs >= lateEveryMs;
    const dense = Math.max(0, ...[...this.#tracks.values()].map(({ density }) => density));
    const limit = deep ? Math.max(this.#limit, dense + this.#limit) : this.#limit;
    return { limit: Math.min(limit, this.#most), deep };
  }

  /** Values in an answer with so many points of each signal. */
  weight(limit: number): number {
    return limit * (this.facts.size || USUAL_SIGNALS);
  }

  /** Even alone it was too much: from now on no more than half of it. False when there is nothing left to halve. */
  askForLess(limit: number): boolean {
    if (limit <= 1) return false;
    this.#most = Math.max(1, Math.floor(limit / 2));
    return true;
  }

  /** Looks at an answer; nothing is remembered before `commit`. */
  look(
    kit: Pick<ConnectionKit, 'items'>,
    asset: wire.AssetData,
    asked: { limit: number; deep: boolean; nowMs: number; platformTimeMs: number; sweepMs: number },
  ): Looked {
    const looks = kit
      .items(wire.signalData, asset.signals ?? [], 'signal')
      .map((signal) => this.#lookAt(kit, signal, asked));
    return {
      points: looks.flatMap(({ points }) => points),
      gaps: this.#options.isNew && this.#tracks.size === 0 ? [] : looks.flatMap(({ gap }) => gap ?? []),
      newestOnly: looks.flatMap(({ newestOnly }) => newestOnly),
      platformTimeMs: asked.platformTimeMs,
      wantsMore: asked.limit < this.#most && looks.some(({ wantsMore }) => wantsMore),
      commit: () => {
        for (const look of looks) look.commit();
        this.#limit = Math.min(MOST_POINTS, 2 * this.#expected(asked.sweepMs) + SPARE_POINTS);
        if (asked.deep) this.#deepAtMs = asked.nowMs;
        this.lookedUntilMs = Math.max(this.lookedUntilMs, asked.platformTimeMs);
        this.trouble = undefined;
      },
    };
  }

  /** Points that the busiest signal brings from one sweep to the next, by what the look-back holds. */
  #expected(sweepMs: number): number {
    const dense = Math.max(0, ...[...this.#tracks.values()].map(({ density }) => density));
    return Math.ceil((dense * sweepMs) / this.#options.lookBackMs);
  }

  #lookAt(
    kit: Pick<ConnectionKit, 'items'>,
    signal: wire.SignalData,
    { limit, deep, nowMs }: { limit: number; deep: boolean; nowMs: number },
  ) {
    const primitiveType = primitiveTypeOf(signal);
    const unit = ucumOf(signal.units);
    const rows = signal.data ?? [];
    const readings = distinct(kit.items(timedValue(primitiveType), rows, 'value'));
    const track = this.#tracks.get(signal.id) ?? new SignalTrack(this.#options.standInMs, this.#options.lookBackMs);
    const newest: Newest = { readings, rows: rows.length, limit, nowMs };
    const { fresh, gap, shallow } = track.look(newest);
    // Without history there is the last value alone: nothing else can be asked for, and nothing overlaps.
    const latestOnly = isLatestOnly(signal);
    const points = (latestOnly ? fresh.slice(-1) : fresh).map((reading) => pointOf(signal.id, unit, reading));
    const [beforeMs, latestMs] = [track.watermarkMs, points.at(-1)?.tsMs];
    const between = latestOnly && beforeMs !== undefined && latestMs !== undefined;
    return {
      points,
      newestOnly: between ? [newestAlone(this.device, signal.id, beforeMs + 1, latestMs)] : [],
      gap: gap && !latestOnly ? { device: this.device, signal: signal.id, name: signal.id, ...gap } : undefined,
      wantsMore: !latestOnly && (gap !== undefined || (deep && shallow)),
      commit: () => {
        this.#tracks.set(signal.id, track);
        this.facts.set(signal.id, { unit, primitiveType });
        track.advance(newest);
      },
    };
  }
}

export const pointsObservation = (
  device: NativeId,
  points: PointValue[],
  origin: 'poll' | 'backfill',
): Observation[] => (points.length === 0 ? [] : [{ type: 'points', device, origin, points }]);
