import type { GroundTruth } from '../kit/ground-truth.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { seededUuid } from '../kit/seeded.ts';
import type { LoggedValue, TrueValue } from '../kit/series-log.ts';
import { Accounts, type User } from './accounts.ts';
import type { Asset, PhysicalDevice, Product, Signal } from './asset.ts';
import { type Group, GroupTree, isWithin } from './groups.ts';
import type { ExosenseOptions } from './options.ts';
import { RateMeter } from './rate-meter.ts';
import { ReceivedLog } from './received-log.ts';
import { Reports } from './reports.ts';
import { RuleStates } from './rule-states.ts';

const MADE = 40;

/** One value of a signal, as the platform has it. */
export interface Datapoint {
  timestamp: number;
  value: TrueValue;
  receivedTime: number;
}

/** What ExoSense knows. */
export class ExosenseState {
  readonly accounts = new Accounts();
  readonly groups = new GroupTree();
  readonly rates: RateMeter;
  readonly rules: RuleStates;
  readonly reports: Reports;
  readonly products: Product[] = [];
  readonly devices = new Map<string, PhysicalDevice>();
  /** Assets whose signals cannot be read at present. */
  readonly broken = new Set<string>();
  /** What control signals were told to be, in the order in which the platform took it. */
  readonly orders: Array<{ signal: string; value: TrueValue }> = [];
  /** Where clients reach the simulator; known once it listens. */
  publicUrl = '';
  readonly #assets = new Map<string, Asset>();
  readonly #signals = new Map<string, Signal>();
  readonly #received = new ReceivedLog();
  readonly #observers: Array<(signal: Signal, ts: number, value: TrueValue) => void> = [];
  #made = 0;

  constructor(
    readonly options: ExosenseOptions,
    readonly clock: ScenarioClock,
    readonly truth: GroundTruth,
  ) {
    this.rates = new RateMeter(clock, options.limits);
    this.rules = new RuleStates(clock, options.seed);
    this.reports = new Reports(clock, options.reports, () => this.newId());
  }

  /** An id for something that is made while the simulator runs. */
  newId(): string {
    return seededUuid(this.options.seed, MADE, ++this.#made);
  }

  addAsset(asset: Asset): Asset {
    this.#assets.set(asset.id, asset);
    for (const signal of asset.signals) this.#signals.set(signal.id, signal);
    if (asset.device) asset.device.asset = asset;
    if (!asset.isTemplate) this.truth.know(asset.id);
    return asset;
  }

  /** Its data go with it. */
  removeAsset(asset: Asset): void {
    this.#assets.delete(asset.id);
    for (const signal of asset.signals) this.#signals.delete(signal.id);
    if (asset.device) asset.device.asset = undefined;
    this.rules.forget(asset);
  }

  /** In the order of their making, templates left out. */
  assets(): Asset[] {
    return [...this.#assets.values()].filter((asset) => !asset.isTemplate);
  }

  templates(): Asset[] {
    return [...this.#assets.values()].filter((asset) => asset.isTemplate);
  }

  asset(id: string): Asset | undefined {
    return this.#assets.get(id);
  }

  signal(id: string): Signal | undefined {
    return this.#signals.get(id);
  }

  sees(user: User, group: Group | undefined): boolean {
    return group !== undefined && isWithin(group, user.groups);
  }

  /** Undefined for what is not there, and just so for what the user may not see. */
  assetFor(user: User, id: string): Asset | undefined {
    const asset = this.#assets.get(id);
    return asset && this.sees(user, asset.group) ? asset : undefined;
  }

  signalFor(user: User, id: string): Signal | undefined {
    const signal = this.#signals.get(id);
    return signal && this.sees(user, signal.asset.group) ? signal : undefined;
  }

  /** Told of every value that is the newest of its signal. */
  onNewest(observer: (signal: Signal, ts: number, value: TrueValue) => void): void {
    this.#observers.push(observer);
  }

  /** An archived signal takes nothing; one without history keeps its last value alone. */
  write(signal: Signal, ts: number, value: TrueValue, receivedAt = this.clock.now()): void {
    if (signal.archived) return;
    const { asset } = signal;
    const newest = this.truth.series(asset.id, signal.id)?.newestTs;
    const isNewest = newest === undefined || ts >= newest;
    if (!signal.record && !isNewest) return;
    this.#received.note(this.truth.position + 1, receivedAt);
    this.truth.record(asset.id, signal.id, ts, value);
    asset.lastHeard = Math.max(asset.lastHeard ?? 0, receivedAt);
    if (!signal.record) this.truth.series(asset.id, signal.id)?.forgetBefore(ts);
    if (isNewest) for (const observer of this.#observers) observer(signal, ts, value);
  }

  /** The newest so many of a signal, newest first. */
  newest(signal: Signal, limit: number, range: { from?: number; to?: number } = {}): Datapoint[] {
    const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = range;
    const found = this.truth.series(signal.asset.id, signal.id)?.range({ from, to, limit, newestFirst: true }) ?? [];
    return found.map((one) => this.#datapoint(one));
  }

  /** In the order of time, from `from` until before `to`. */
  between(signal: Signal, from: number, to: number): Datapoint[] {
    const found = this.truth.series(signal.asset.id, signal.id)?.range({ from, to }) ?? [];
    return found.map((one) => this.#datapoint(one));
  }

  forgetBefore(ts: number): void {
    this.truth.forgetBefore(ts);
    this.#received.forgetBefore(ts);
  }

  #datapoint({ ts, value, order }: LoggedValue): Datapoint {
    return { timestamp: ts, value, receivedTime: this.#received.at(order) ?? ts };
  }
}
