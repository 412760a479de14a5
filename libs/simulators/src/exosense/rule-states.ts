import type { ScenarioClock } from '../kit/scenario-clock.ts';
import { seededUuid } from '../kit/seeded.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { Asset } from './asset.ts';

/** In the order of their numbers, 0 to 4. */
export const LEVELS = ['normal', 'info', 'warning', 'critical', 'error'] as const;
export type Level = (typeof LEVELS)[number];

export interface RuleState {
  timestamp: number;
  level: Level;
  value: TrueValue;
  additionalFields: { [key: string]: TrueValue };
}

export interface LogEntry {
  id: string;
  timestamp: number;
  level: Level;
  category: string;
  asset: Asset;
  template_parameters: { [key: string]: TrueValue };
}

export interface Condition extends RuleState {
  id: string;
  asset: Asset;
  category: string;
}

const KEPT_STATES = 20;
const KEPT_ENTRIES = 20_000;
const LOG = 31;
const CONDITION = 32;

/** The states that rules have put assets into, and an entry for each change. */
export class RuleStates {
  readonly #clock: ScenarioClock;
  readonly #seed: number;
  readonly #states = new Map<string, Map<string, RuleState[]>>();
  #entries: LogEntry[] = [];
  #count = 0;

  constructor(clock: ScenarioClock, seed: number) {
    this.#clock = clock;
    this.#seed = seed;
  }

  levelOf(asset: Asset, category: string): Level {
    return this.#states.get(asset.id)?.get(category)?.[0]?.level ?? 'normal';
  }

  /** A state that is already so is no change. Returns whether it was one. */
  change(
    asset: Asset,
    category: string,
    level: Level,
    value: TrueValue,
    fields: RuleState['additionalFields'],
  ): boolean {
    if (this.levelOf(asset, category) === level) return false;
    const categories = this.#states.get(asset.id) ?? new Map<string, RuleState[]>();
    this.#states.set(asset.id, categories);
    const timestamp = this.#clock.now();
    const state = { timestamp, level, value, additionalFields: fields };
    categories.set(category, [state, ...(categories.get(category) ?? [])].slice(0, KEPT_STATES));
    const n = ++this.#count;
    const id = seededUuid(this.#seed, LOG, n);
    const template_parameters = { ...fields, level, value };
    this.#entries.push({ id, timestamp, level, category, asset, template_parameters });
    if (this.#entries.length > KEPT_ENTRIES * 1.25) this.#entries = this.#entries.slice(-KEPT_ENTRIES);
    return true;
  }

  /** By category, each with its states, newest first. */
  categories(asset: Asset): Array<{ category: string; values: RuleState[] }> {
    return [...(this.#states.get(asset.id) ?? [])].map(([category, values]) => ({ category, values }));
  }

  /** Newest first. */
  log(): LogEntry[] {
    return this.#entries.toReversed();
  }

  /** What is not normal now. */
  conditions(assets: readonly Asset[]): Condition[] {
    return assets.flatMap((asset) =>
      this.categories(asset).flatMap(({ category, values: [state] }) =>
        state && state.level !== 'normal'
          ? [{ ...state, id: seededUuid(this.#seed, CONDITION, asset.index, state.timestamp), asset, category }]
          : [],
      ),
    );
  }

  forget(asset: Asset): void {
    this.#states.delete(asset.id);
    this.#entries = this.#entries.filter((entry) => entry.asset !== asset);
  }
}
