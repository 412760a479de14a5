import type { TrueValue } from '../kit/series-log.ts';
import { type Snapshot, type Source, TurnProduction } from '../kit/turn-production.ts';
import type { Asset, Signal } from './asset.ts';
import { rateOf } from './scenario-assets.ts';
import { corrected, measured } from './signals.ts';
import type { ExosenseState } from './state.ts';

type Values = Map<Signal, TrueValue>;

/** Assets whose devices send the signals whose turn it is, and obey what they were told. */
export class TelemetryProduction extends TurnProduction<Asset, Values> {
  readonly #state: ExosenseState;

  constructor(state: ExosenseState, assets: readonly Asset[]) {
    super(state.clock, state.options);
    this.#state = state;
    for (const asset of assets) this.add(asset);
  }

  /** The platform shows whether a device is connected. */
  override setOnline(asset: Asset, online: boolean, forgets = false): void {
    if (asset.device && this.find(asset.id)) asset.device.connected = online;
    super.setOnline(asset, online, forgets);
  }

  protected override takeTurns(): void {
    for (const asset of this.subjects()) if (!this.#state.asset(asset.id)) this.remove(asset);
    super.takeTurns();
  }

  protected override tick(source: Source<Asset, Values>, ts: number, receivedAt: number): void {
    if (source.online) obey(source.subject);
    super.tick(source, ts, receivedAt);
  }

  /** The signals whose turn it is. */
  protected measure({ index, signals }: Asset, n: number): Values {
    const { seed, rates } = this.#state.options;
    const due = signals.filter((signal) => !signal.silent && n % rateOf(rates, signal.index) === 0);
    return new Map(due.map((signal) => [signal, signal.held ?? measured(seed, index, signal.index, n)] as const));
  }

  /** The device measured one signal wrongly and says so: another value of that alone. */
  protected corrected({ index }: Asset, { n, values }: Snapshot<Values>): Values | undefined {
    const signals = [...values.keys()];
    const signal = signals[(n + index) % signals.length];
    return signal && new Map([[signal, corrected(this.#state.options.seed, index, signal.index, n)]]);
  }

  protected send(_asset: Asset, { ts, values }: Snapshot<Values>, receivedAt: number): void {
    for (const [signal, value] of values) this.#state.write(signal, ts, value, receivedAt);
  }
}

/** The device does what it was told, and measures that from now on. */
function obey({ device, signals }: Asset): void {
  if (!device?.obeys) return;
  for (const signal of signals) {
    if (signal.control && signal.channel !== undefined && signal.channel in device.dataOut)
      signal.held = device.dataOut[signal.channel];
  }
}
