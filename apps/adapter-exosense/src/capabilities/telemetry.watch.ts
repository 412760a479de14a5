import type { ConnectionKit, CoveredSpan, NativeId, Observation, PointValue } from '@tributary/adapter-kit';
import { distinct, isLatestOnly, pointOf, primitiveTypeOf, timedValue } from '../mapping.ts';
import { type Newest, SignalTrack } from '../signal-track.ts';
import { LAG_MS, mayHideLate, newestAlone } from '../sweep-cover.ts';
import { ucumOf } from '../units.ts';
import * as wire from '../wire.ts';
import type { Gap } from './telemetry.backfill.ts';

/** What the platform answers of one signal at most. */
export const MOST_POINTS = 1_000;
const FIRST_POINTS = 20;
/** More than is expected, so that two missed sweeps leave no gap. */
const SPARE_POINTS = 5;
const USUAL_SIGNALS = 8;
const MOST_WIDER = 4;
const MARGIN = 1.1;

/** What is known of a signal, for values that come by another way. */
export interface SignalFacts {
  unit: string | undefined;
  primitiveType: string | undefined;
}

/** One answer for one asset: what it brings, what it lacks, and what is remembered once it is handed on. */
export interface Looked {
  points: PointValue[];
  gaps: Gap[];
  /** Where only the newest of several values may have been seen, or what came late may not have been. */
  inPart: CoveredSpan[];
  /** By the platform's clock: up to here it has answered. */
  platformTimeMs: number;
  /** So many of the newest must be asked for to be sure; undefined: this is enough, or more is not to be had. */
  wider: number | undefined;
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
  /** When it was last looked at as far back as late points may lie: only that is whole. */
  wholeUntilMs: number;
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
    this.wholeUntilMs = options.standInMs;
  }

  get most(): number {
    return this.#most;
  }

  /**
   * Points of each signal to ask for now; `deep` reaches back behind the last deep look by the look-back, for what has come
   * late since. An asset that could not be read is looked at deeply: then all of it is whole again.
   */
  plan(nowMs: number, lateEveryMs: number): { limit: number; deep: boolean } {
    const deep = this.trouble !== undefined || nowMs - this.#deepAtMs >= lateEveryMs;
    const dense = Math.max(0, ...[...this.#tracks.values()].map(({ held }) => held));
    const limit = deep ? dense + this.#limit : this.#limit;
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
      inPart: looks.flatMap(({ inPart }) => inPart),
      platformTimeMs: asked.platformTimeMs,
      wider: this.#wider(
        asked.limit,
        looks.filter(({ wantsMore }) => wantsMore),
      ),
      commit: () => {
        for (const look of looks) look.commit();
        this.#limit = Math.min(MOST_POINTS, 2 * this.#expected(asked.sweepMs) + SPARE_POINTS);
        this.#looked(asked, asked.deep || looks.every(({ shallow }) => !shallow));
      },
    };
  }

  /** No more than is likely to be enough, twice as many at least, and four times as many at most. */
  #wider(limit: number, wanting: readonly { enough: number | undefined }[]): number | undefined {
    if (limit >= this.#most || wanting.length === 0) return undefined;
    const enough = Math.max(...wanting.map((one) => one.enough ?? 0));
    const likely = Math.ceil(enough * MARGIN) + SPARE_POINTS;
    return Math.min(this.#most, MOST_POINTS, MOST_WIDER * limit, Math.max(2 * limit, likely));
  }

  #looked({ nowMs, platformTimeMs }: { nowMs: number; platformTimeMs: number }, isWhole: boolean): void {
    this.lookedUntilMs = Math.max(this.lookedUntilMs, platformTimeMs);
    this.trouble = undefined;
    if (!isWhole) return;
    this.#deepAtMs = nowMs;
    this.wholeUntilMs = Math.max(this.wholeUntilMs, platformTimeMs);
  }

  /** Since when nothing of a signal was handed on that is not remembered; undefined: nobody has looked before. */
  #sinceMs(): number | undefined {
    return this.#options.isNew ? undefined : this.#options.standInMs - LAG_MS;
  }

  /** Points that the busiest signal brings from one sweep to the next. */
  #expected(sweepMs: number): number {
    return Math.ceil(Math.max(0, ...[...this.#tracks.values()].map((track) => track.expected(sweepMs))));
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
    const { fresh, gap, shallow, hidden, enough } = track.look(newest);
    // Without history there is the last value alone: nothing else can be asked for, and nothing overlaps.
    const latestOnly = isLatestOnly(signal);
    const points = (latestOnly ? fresh.slice(-1) : fresh).map((reading) => pointOf(signal.id, unit, reading));
    const [beforeMs, latestMs] = [track.watermarkMs ?? this.#sinceMs(), points.at(-1)?.tsMs];
    const between = latestOnly && beforeMs !== undefined && latestMs !== undefined;
    const alone = between ? [newestAlone(this.device, signal.id, beforeMs + 1, latestMs)] : [];
    const late =
      deep && !latestOnly && hidden ? [mayHideLate({ device: this.device, signal: signal.id, ...hidden })] : [];
    return {
      points,
      inPart: [...alone, ...late],
      shallow: shallow && !latestOnly,
      enough,
      gap: gap && !latestOnly ? { device: this.device, signal: signal.id, name: signal.id, ...gap } : undefined,
      wantsMore: !latestOnly && (gap !== undefined || (deep && shallow)),
      commit: () => {
        this.#tracks.set(signal.id, track);
        this.facts.set(signal.id, { unit, primitiveType });
        track.advance(newest, deep);
      },
    };
  }
}

export const pointsObservation = (
  device: NativeId,
  points: PointValue[],
  origin: 'poll' | 'backfill',
): Observation[] => (points.length === 0 ? [] : [{ type: 'points', device, origin, points }]);
