import type { TrueValue } from '../kit/series-log.ts';
import { type Measuring, type Snapshot, TurnProduction } from '../kit/turn-production.ts';
import type { SignalSource } from './signals.ts';
import type { OctomeshState } from './state.ts';
import type { Tenant } from './tenant.ts';

/** Where the rows of a meter go, and what they hold. */
export interface MeterStream {
  tenant: Tenant;
  /** CK type of the stream. */
  stream: string;
  signals: readonly SignalSource[];
}

/** An entity that measures; its id is its rtId. */
export interface RunningMeter extends Measuring {
  readonly into: MeterStream;
}

type Values = readonly TrueValue[];

/** Meters whose values are rows of a stream. */
export class ReadingProduction extends TurnProduction<RunningMeter, Values> {
  readonly #state: OctomeshState;

  constructor(state: OctomeshState) {
    super(state.clock, state.options);
    this.#state = state;
  }

  /** Throws RangeError for an entity that does not measure. */
  meter(rtId: string): RunningMeter {
    const found = this.find(rtId);
    if (!found) throw new RangeError(`no simulated meter is called ${rtId}`);
    return found;
  }

  protected measure({ index, into }: RunningMeter, n: number): Values {
    return into.signals.map((signal) => signal.valueAt(index, n));
  }

  /** One value of the row was wrong: the row is written again with another. */
  protected corrected({ index, into: { signals } }: RunningMeter, { n, values }: Snapshot<Values>): Values {
    const wrong = (n + index) % signals.length;
    return values.map((value, i) =>
      i === wrong && value !== null ? (signals[i]?.correctedAt(index, n) ?? value) : value,
    );
  }

  protected send({ id, into }: RunningMeter, { ts, values }: Snapshot<Values>): void {
    this.#state.writeRow(into.tenant, into.stream, { rtId: id, ts, values });
  }
}
