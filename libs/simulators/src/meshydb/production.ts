import type { TrueValue } from '../kit/series-log.ts';
import { type Snapshot, TurnProduction } from '../kit/turn-production.ts';
import { correctedValues, type ReadingDevice, readingDocument, valuesAt } from './readings.ts';
import type { MeshydbState } from './state.ts';

/** Devices whose readings become documents. */
export class ReadingProduction extends TurnProduction<ReadingDevice, TrueValue[]> {
  readonly #state: MeshydbState;

  constructor(state: MeshydbState, devices: readonly ReadingDevice[]) {
    super(state.clock, state.options);
    this.#state = state;
    for (const device of devices) this.add(device);
  }

  protected measure({ index }: ReadingDevice, n: number): TrueValue[] {
    const { seed, signalsPerDevice } = this.#state.options;
    return valuesAt(seed, index, n, signalsPerDevice);
  }

  protected corrected({ index }: ReadingDevice, { n, values }: Snapshot<TrueValue[]>): TrueValue[] {
    return correctedValues(this.#state.options.seed, index, n, values);
  }

  /** Always a further document: whoever wants the last word for a time goes by the order of ids. */
  protected send(device: ReadingDevice, reading: Snapshot<TrueValue[]>, writtenAt: number): void {
    const { demo, mapping } = this.#state;
    this.#state.insert(demo, mapping.mesh, readingDocument(device, reading, mapping, writtenAt), writtenAt);
  }
}
