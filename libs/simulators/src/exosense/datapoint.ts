import type { TrueValue } from '../kit/series-log.ts';
import type { PrimitiveType } from './signal-types.ts';
import type { Datapoint } from './state.ts';

/** ISO 8601 in UTC with microseconds, of which the simulator knows the first three digits. */
export const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000Z`;

export const numberOf = (value: TrueValue): number | null =>
  typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : null;

export const textOf = (type: PrimitiveType, value: TrueValue): string =>
  type === 'STRING' && typeof value === 'string' ? value : JSON.stringify(value);

/** A `MetricDatapoint`. Texts are made when they are asked for: most requests leave some out. */
export class PresentedPoint {
  readonly #point: Datapoint;
  readonly #type: PrimitiveType;
  readonly protocol: string;

  constructor(type: PrimitiveType, point: Datapoint, protocol = 'data_in') {
    this.#type = type;
    this.#point = point;
    this.protocol = protocol;
  }

  get timestamp(): string {
    return timeText(this.#point.timestamp);
  }

  get value(): number | null {
    return this.#type === 'NUMERIC' || this.#type === 'BOOLEAN' ? numberOf(this.#point.value) : null;
  }

  get valueString(): string {
    return textOf(this.#type, this.#point.value);
  }

  get receivedTime(): string {
    return timeText(this.#point.receivedTime);
  }
}
