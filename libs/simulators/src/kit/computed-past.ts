import type { TrueValue } from './series-log.ts';

export interface PastValue {
  ts: number;
  value: TrueValue;
}

/**
 * Values from before the start that follow from a rule: a ground truth can hold millions of them without keeping one.
 * What is written later for one of their times takes their place there, not here.
 */
export interface ComputedPast {
  devices(): Iterable<string>;
  signals(device: string): Iterable<string>;
  /** In the order of their times; `to` is exclusive. */
  values(device: string, signal: string, from: number, to: number): Iterable<PastValue>;
  valueAt(device: string, signal: string, ts: number): TrueValue | undefined;
  latest(device: string, signal: string): PastValue | undefined;
  count(device: string, signal: string): number;
  /** What is older is no longer there. */
  forgetBefore(ts: number): void;
}
