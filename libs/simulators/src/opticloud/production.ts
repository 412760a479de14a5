import { type Snapshot, TurnProduction } from '../kit/turn-production.ts';
import type { Device } from './device.ts';
import { type SignalSource, signalSources } from './signals.ts';
import type { OpticloudState } from './state.ts';
import type { TimedValues } from './telemetry-payload.ts';

type Values = TimedValues['values'];

/** Devices that send all their signals at once. */
export class TelemetryProduction extends TurnProduction<Device, Values> {
  readonly #state: OpticloudState;
  readonly #signals: SignalSource[];

  constructor(state: OpticloudState, devices: readonly Device[]) {
    super(state.clock, state.options);
    this.#state = state;
    this.#signals = signalSources(state.options.signalsPerDevice, state.options.seed);
    for (const device of devices) this.add(device);
  }

  protected measure({ index }: Device, n: number): Values {
    return new Map(this.#signals.map((signal) => [signal.key, signal.valueAt(index, n)]));
  }

  /** The device measured one signal wrongly and says so: another value of that alone. */
  protected corrected({ index }: Device, { n }: Snapshot<Values>): Values | undefined {
    const signal = this.#signals[(n + index) % this.#signals.length];
    return signal && new Map([[signal.key, signal.correctedAt(index, n)]]);
  }

  protected send(device: Device, snapshot: Snapshot<Values>): void {
    this.#state.writeTelemetry(device, [snapshot]);
  }
}
