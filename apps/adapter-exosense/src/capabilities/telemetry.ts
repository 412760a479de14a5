import {
  type Call,
  type Checkpoint,
  type ConnectionKit,
  type CoveredSpan,
  interleave,
  type Limitations,
  type NativeId,
  type Observation,
  type Page,
  type Poll,
} from '@tributary/adapter-kit';
import type { PlatformError } from '@tributary/contracts';
import type { Answer } from '../answers.ts';
import { BatchPlan, type Sized } from '../batch-plan.ts';
import type { Settings } from '../config.ts';
import { failureOf, wasTooMuch } from '../errors.ts';
import type { Instance } from '../instance.ts';
import { distinct, pointOf, timedValue } from '../mapping.ts';
import type { ReportRow, Reports } from '../reports.ts';
import { beingFilled, LAG_MS, lost, madeUp, SweepCover } from '../sweep-cover.ts';
import * as wire from '../wire.ts';
import { Backfills, type Brought, type Gap, gapObservation } from './telemetry.backfill.ts';
import { AssetWatch, type Looked, pointsObservation } from './telemetry.watch.ts';

export interface TelemetryOptions {
  instance: Instance;
  reports: Reports;
  kit: Pick<ConnectionKit, 'clock' | 'devices' | 'items' | 'log'>;
  settings: Settings['telemetry'];
  limitations: Limitations;
}

/** One asset of a request, and what is asked of it. */
interface Asked extends Sized {
  watch: AssetWatch;
  limit: number;
  deep: boolean;
  /** An answer that was good as far as it went. */
  before?: Looked;
}

/** Requests of one sweep under way; one more is left to everybody else. */
const CONCURRENCY = 3;
/** An asset that cannot be read keeps the checkpoint back by no more than this. */
const LONGEST_HOLD_MS = 3_600_000;
const ONE_VALUE_MS = 0.1;
const USUAL_SWEEP_MS = 10_000;
const LONGEST_SWEEP_MS = 300_000;
const MOST_SKEW_MS = 3_600_000;

/**
 * The newest points of every asset, many assets in one request. The checkpoint is one time for all of them: up to
 * `sweptUntil` everything that the platform held has been handed on, of every asset, what came late by the look-back
 * included, or said to be missing.
 */
export class TelemetrySweep implements Poll {
  readonly schedule = 'telemetry';
  readonly #options: TelemetryOptions;
  readonly #plan = new BatchPlan();
  readonly #backfills: Backfills;
  readonly #cover = new SweepCover();
  readonly #watches = new Map<NativeId, AssetWatch>();
  /** Number of the last checkpoint handed out. */
  #sweep: number;
  /** Execution time of one value, as the platform reported it lately. */
  #valueMs = ONE_VALUE_MS;
  /** When the last sweep began, and how long after the one before. */
  #beganMs: number | undefined;
  #sweepMs = USUAL_SWEEP_MS;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#sweep = options.kit.clock.now();
    this.#backfills = new Backfills({
      reports: options.reports,
      observe: (rows, gaps) => this.#observeReport(rows, gaps),
    });
  }

  async *run(from: Checkpoint | undefined, signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const { instance, kit, limitations } = this.#options;
    if (kit.devices().length === 0) return;
    const call: Call = { lane: 'live', signal };
    const offered = await instance.offered(call);
    if (!offered.offers('points', 'asset.signals.data')) {
      limitations.note('telemetry', 'the schema of this instance has no values of signals');
      return;
    }
    limitations.lift('telemetry');
    this.#recall(from);
    this.#measure();
    yield* this.#pages(signal);
  }

  #measure(): void {
    const nowMs = this.#options.kit.clock.monotonicMs();
    if (this.#beganMs !== undefined) this.#sweepMs = Math.min(LONGEST_SWEEP_MS, nowMs - this.#beganMs);
    this.#beganMs = nowMs;
  }

  async *#pages(signal: AbortSignal): AsyncGenerator<Page<Observation>, void, undefined> {
    const works = this.#works();
    for await (const { items, covers, commit } of interleave(works, CONCURRENCY, (work, stop) => work(stop), signal)) {
      // Counted before anything is handed on: a page that does not arrive leaves a memory that is not to be trusted.
      commit();
      this.#cover.except(items.flatMap((item) => (item.type === 'gap' ? [lost(item.gap)] : [])));
      this.#sweep += 1;
      const checkpoint = { sweptUntil: this.#sweptUntil(), sweep: this.#sweep };
      yield { items, checkpoint, ...(covers ? { covers } : {}) };
    }
    yield { items: [], covers: this.#cover.swept([...this.#watches.values()]) };
    this.#say();
  }

  /** Longest unseen first: a sweep that fails half-way goes on where it ended. */
  #works(): ((signal: AbortSignal) => AsyncGenerator<Brought, unknown, undefined>)[] {
    const nowMs = this.#options.kit.clock.now();
    const due = [...this.#watches.values()].toSorted((a, b) => a.lookedUntilMs - b.lookedUntilMs);
    const asked = due.map((watch): Asked => {
      const { limit, deep } = watch.plan(nowMs, this.#options.settings.lateEvery);
      return { id: watch.device, watch, limit, deep, points: watch.weight(limit) };
    });
    const visits = this.#plan
      .groups(asked)
      .map((group) => (signal: AbortSignal) => this.#visit(group, { lane: 'live', signal }));
    if (!this.#backfills.isDue(nowMs)) return visits;
    return [...visits, (signal) => this.#backfills.step(nowMs, { lane: 'backfill', signal })];
  }

  /** Returns whether the platform could answer it as it was asked, or in parts. */
  async *#visit(group: readonly Asked[], call: Call): AsyncGenerator<Brought, boolean, undefined> {
    const nowMs = this.#options.kit.clock.now();
    const began = this.#options.kit.clock.monotonicMs();
    let answer: Answer;
    try {
      answer = await this.#ask(group, call);
    } catch (error) {
      if (!wasTooMuch(error, this.#options.kit.clock.monotonicMs() - began)) throw error;
      return yield* this.#inParts(group, error, call);
    }
    const more: Asked[] = [];
    const brought = group.map((asked, n) => this.#look(asked, answer, { alias: `a${n}`, nowMs }, more));
    yield together(brought);
    for (const wider of this.#plan.groups(more)) yield* this.#visit(wider, call);
    return true;
  }

  async #ask(group: readonly Asked[], call: Call): Promise<Answer> {
    const { instance, kit } = this.#options;
    const each = group.map(({ id, limit }) => ({ assetId: id, newest: { limit } }));
    const points = group.reduce((sum, asked) => sum + asked.points, 0);
    const question = await instance.aliased('points', each, call);
    const expectedMs = Math.max(100, points * this.#valueMs);
    const answer = await instance.client.query({ ...question, large: true, expectedMs }, call);
    if (answer.executionMs !== undefined) {
      this.#plan.took(
        group.map(({ id }) => id),
        answer.executionMs,
        kit.clock.now(),
      );
      this.#valueMs = (this.#valueMs + answer.executionMs / Math.max(1, points)) / 2;
    }
    return answer;
  }

  async *#inParts(
    group: readonly Asked[],
    error: PlatformError,
    call: Call,
  ): AsyncGenerator<Brought, boolean, undefined> {
    const halves = this.#plan.split(group, this.#options.kit.clock.now());
    const [first] = group;
    if (!halves) return first ? yield* this.#lessOf(first, error, call) : false;
    const [left, right] = halves;
    const wellLeft = yield* this.#visit(left, call);
    const wellRight = yield* this.#visit(right, call);
    if (wellLeft && !wellRight) this.#plan.absolve(idsOf(left), idsOf(right));
    if (wellRight && !wellLeft) this.#plan.absolve(idsOf(right), idsOf(left));
    return wellLeft && wellRight;
  }

  /** One asset is too much of its own: fewer points of it, and what does not overlap then is a gap. */
  async *#lessOf(asked: Asked, error: PlatformError, call: Call): AsyncGenerator<Brought, boolean, undefined> {
    const { watch, before, limit } = asked;
    if (!watch.askForLess(limit)) {
      watch.trouble = error.message;
      return false;
    }
    if (before) yield this.#settle(watch, before);
    else yield* this.#visit([{ ...asked, limit: watch.most, points: watch.weight(watch.most) }], call);
    return false;
  }

  #look(
    asked: Asked,
    { data, errors, platformTimeMs }: Answer,
    { alias, nowMs }: { alias: string; nowMs: number },
    more: Asked[],
  ): Brought {
    const { watch, limit, deep } = asked;
    const failed = errors.filter(({ path }) => path === undefined || path[0] === alias);
    const asset = wire.assetData.nullish().safeParse(data[alias]);
    if (!asset.success || !asset.data) {
      watch.trouble = failed[0]
        ? failureOf(failed[0].message).code
        : asset.success
          ? 'not-found'
          : 'malformed-response';
      return nothing;
    }
    const platformMs = behind(nowMs, platformTimeMs);
    const looked = watch.look(this.#options.kit, asset.data, {
      limit,
      deep,
      nowMs,
      platformTimeMs: platformMs,
      sweepMs: this.#sweepMs,
    });
    if (failed.length > 0) {
      // What has values is kept; the rest is asked for again, and until then nothing is claimed of this asset.
      watch.trouble = failureOf(failed[0]?.message ?? '').code;
      return { items: pointsObservation(watch.device, looked.points, 'poll'), commit: () => {} };
    }
    const { wider } = looked;
    if (wider === undefined) return this.#settle(watch, looked);
    more.push({ ...asked, limit: wider, points: watch.weight(wider), before: looked });
    return nothing;
  }

  /** The answer is as good as it gets: what it lacks is a gap. */
  #settle(watch: AssetWatch, { points, gaps, inPart, platformTimeMs, commit }: Looked): Brought {
    const { settings } = this.#options;
    const said = settings.reports && this.#canReport() ? [] : gaps;
    const reason = 'the platform keeps more points between two polls than it answers, and offers no reports';
    return {
      items: [...pointsObservation(watch.device, points, 'poll'), ...said.map((gap) => gapObservation(gap, reason))],
      commit: () => {
        this.#cover.except([
          ...inPart,
          ...this.#madeUp(watch, platformTimeMs),
          ...(said.length === 0 ? gaps.map(beingFilled) : []),
        ]);
        commit();
        if (said.length === 0) for (const gap of gaps) this.#backfills.add(gap);
      },
    };
  }

  #madeUp({ device, trouble, wholeUntilMs }: AssetWatch, toMs: number): CoveredSpan[] {
    return trouble === undefined ? [] : madeUp(device, wholeUntilMs - LAG_MS, toMs);
  }

  #canReport(): boolean {
    const offered = this.#options.instance.known;
    return Boolean(offered?.has('createReport') && offered.has('reportStatus') && offered.has('report'));
  }

  #observeReport(rows: readonly ReportRow[], gaps: readonly Gap[]): Observation[] {
    return gaps.flatMap((gap) => {
      const facts = this.#watches.get(gap.device)?.facts.get(gap.signal);
      const own = rows
        .filter(({ signal }) => signal === gap.signal)
        .map(({ timestamp, value }) => ({ timestamp, value, valueString: value }));
      const readings = distinct(this.#options.kit.items(timedValue(facts?.primitiveType), own, 'row of a report'))
        .filter(({ tsMs }) => tsMs >= gap.fromMs - this.#options.settings.lookBack && tsMs <= gap.toMs)
        .toSorted((a, b) => a.tsMs - b.tsMs);
      const points = readings.map((reading) => pointOf(gap.signal, facts?.unit, reading));
      return pointsObservation(gap.device, points, 'backfill');
    });
  }

  /**
   * Memory is good only if the checkpoint handed in is the one last handed out. Otherwise everything begins again there;
   * a device that turns up later gets a first look of its own. How much fits into a request is not forgotten.
   */
  #recall(from: Checkpoint | undefined): void {
    const { kit, settings } = this.#options;
    const sweptUntil = from?.sweptUntil;
    const isKnown = from?.sweep === this.#sweep;
    if (!isKnown) {
      this.#watches.clear();
      this.#backfills.forget();
    }
    if (!isKnown) this.#cover.begin(typeof sweptUntil === 'number' ? sweptUntil : undefined);
    const firstLookMs = kit.clock.now() - settings.firstLook;
    const isNew = isKnown || typeof sweptUntil !== 'number';
    const standInMs = isNew ? firstLookMs : sweptUntil;
    const devices = new Set(kit.devices());
    for (const device of this.#watches.keys()) if (!devices.has(device)) this.#watches.delete(device);
    this.#plan.keep(devices);
    for (const device of devices) {
      if (this.#watches.has(device)) continue;
      this.#watches.set(device, new AssetWatch({ device, standInMs, isNew, lookBackMs: settings.lookBack }));
    }
  }

  #sweptUntil(): number {
    const nowMs = this.#options.kit.clock.now();
    let least = nowMs;
    for (const { device, wholeUntilMs, trouble } of this.#watches.values()) {
      const missingMs = Math.min(wholeUntilMs, this.#backfills.missingSinceMs(device));
      if (trouble === 'not-found' || trouble === 'permission-denied') continue;
      least = Math.min(least, trouble ? Math.max(missingMs, nowMs - LONGEST_HOLD_MS) : missingMs);
    }
    return least;
  }

  #say(): void {
    const { limitations, kit } = this.#options;
    const troubled = [...this.#watches.values()].filter(({ trouble }) => trouble !== undefined);
    const [example] = troubled;
    if (!example) {
      limitations.lift('assets');
      return;
    }
    limitations.note('assets', `telemetry of ${troubled.length} asset(s) cannot be read: ${example.trouble}`);
    kit.log.debug({ assets: troubled.length, device: example.device }, 'assets cannot be read; the others go on');
  }
}

const nothing: Brought = { items: [], commit: () => {} };

const together = (brought: readonly Brought[]): Brought => ({
  items: brought.flatMap(({ items }) => items),
  commit: () => {
    for (const { commit } of brought) commit();
  },
});

/** The platform's clock where it is behind ours; one that is hours away says nothing. */
const behind = (nowMs: number, platformMs = nowMs): number =>
  nowMs - platformMs > MOST_SKEW_MS ? nowMs : Math.min(nowMs, platformMs);

const idsOf = (group: readonly Asked[]): NativeId[] => group.map(({ id }) => id);
