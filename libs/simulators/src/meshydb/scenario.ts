import { ReadingProduction } from './production.ts';
import type { ReadingDevice } from './readings.ts';
import type { MeshydbState } from './state.ts';
import { WorkOrders } from './work-orders.ts';

const FIRST_ADDED = 10_000_000;
const MINUTE = 60_000;

/** Seeded documents and their clockwork. */
export class MeshydbScenario {
  readonly production: ReadingProduction;
  readonly workOrders: WorkOrders;
  readonly #state: MeshydbState;
  #added = 0;

  constructor(state: MeshydbState) {
    this.#state = state;
    this.workOrders = new WorkOrders(state);
    this.workOrders.seed(state.options.workOrders);
    this.production = new ReadingProduction(
      state,
      Array.from({ length: state.options.devices }, (_, i) => sensor(i)),
    );
    this.production.seedHistory();
  }

  start(): void {
    this.production.start();
    const { clock, refresh, options } = this.#state;
    const { retentionMs, changesEveryMs } = options;
    if (retentionMs > 0)
      clock.every(Math.min(retentionMs / 4, MINUTE), () => this.#state.forgetBefore(clock.now() - retentionMs));
    if (changesEveryMs > 0)
      clock.every(changesEveryMs, () => {
        if (!this.production.paused) this.workOrders.changeByItself();
      });
    clock.every(MINUTE, () => refresh.forgetExpired());
  }

  /** It writes from its next turn on. */
  addDevice(name: string): ReadingDevice {
    const index = FIRST_ADDED + this.#added++;
    const device = { id: `added-${this.#added}`, name, index };
    this.production.add(device);
    return device;
  }
}

const sensor = (index: number): ReadingDevice => {
  const number = String(index + 1).padStart(4, '0');
  return { id: `sensor-${number}`, name: `Raum ${number}`, index };
};
