import type { Asset } from './asset.ts';
import { TelemetryProduction } from './production.ts';
import { applyRule, TIMEOUT_CATEGORY } from './rules.ts';
import { archiveOddSignals, makeAsset, seedScenario } from './scenario-assets.ts';
import type { ExosenseState } from './state.ts';

const FIRST_ADDED = 10_000_000;
const SILENCE_CHECKS = 6;

/** Seeded data and its clockwork. */
export class ExosenseScenario {
  readonly production: TelemetryProduction;
  readonly #state: ExosenseState;
  #added = 0;

  constructor(state: ExosenseState) {
    this.#state = state;
    seedScenario(state);
    this.production = new TelemetryProduction(state, state.assets());
    this.production.seedHistory();
    archiveOddSignals(state);
    state.onNewest((signal, _ts, value) => {
      applyRule(state.rules, signal, value);
      state.rules.change(signal.asset, TIMEOUT_CATEGORY, 'normal', null, {});
    });
  }

  start(): void {
    this.production.start();
    const { clock, options } = this.#state;
    clock.every(options.silenceMs / SILENCE_CHECKS, () => this.#listenForSilence());
    const { retentionMs } = options;
    if (retentionMs > 0) clock.every(retentionMs / 4, () => this.#state.forgetBefore(clock.now() - retentionMs));
  }

  addAsset(name: string): Asset {
    const asset = makeAsset(this.#state, FIRST_ADDED + this.#added++, name);
    this.production.add(asset);
    return asset;
  }

  /** A device that was heard of and is silent for too long. */
  #listenForSilence(): void {
    const { clock, options, rules } = this.#state;
    const since = clock.now() - options.silenceMs;
    for (const asset of this.#state.assets()) {
      if (this.production.isOnline(asset) || asset.lastHeard === undefined || asset.lastHeard > since) continue;
      rules.change(asset, TIMEOUT_CATEGORY, 'warning', null, { rule: 'timeout' });
    }
  }
}
