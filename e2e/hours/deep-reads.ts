/** Points of one device from then to then that an answer handed over; milliseconds since 1970, in simulated time. */
export interface HandedOver {
  /** When it was asked for. */
  at: number;
  device: string;
  signal?: string;
  fromMs: number;
  toMs: number;
}

export interface DeepReadsQuery {
  /** Younger than this when it is asked for: the adapter's declared look-back, and how far time moves at once. */
  lookBackMs: number;
  /** When the adapter was killed: what it had not confirmed by then it may ask for once more. */
  kills: readonly number[];
}

/** A minute of a device that was fetched again although it lay behind the look-back, and nothing had made that needful. */
export interface FetchedTwice {
  device: string;
  minuteMs: number;
  at: number[];
}

const MINUTE_MS = 60_000;

/**
 * What was fetched twice beyond the look-back. Between two reads of the same old minute of a device there must be a kill:
 * whoever comes next knows only what was on record. Pure.
 */
export function fetchedTwice(answers: readonly HandedOver[], { lookBackMs, kills }: DeepReadsQuery): FetchedTwice[] {
  const reads = new Map<string, { device: string; minuteMs: number; at: number[] }>();
  for (const { at, device, signal = '', fromMs, toMs } of answers) {
    const untilMs = Math.min(toMs, at - lookBackMs);
    for (
      let minuteMs = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
      minuteMs <= untilMs - MINUTE_MS;
      minuteMs += MINUTE_MS
    ) {
      const key = `${device} ${signal} ${minuteMs}`;
      const known = reads.get(key) ?? { device, minuteMs, at: [] };
      known.at.push(at);
      reads.set(key, known);
    }
  }
  return [...reads.values()].filter(({ at }) =>
    at.some((later, n) => n > 0 && !isExcused(at[n - 1] ?? later, later, kills)),
  );
}

const isExcused = (firstMs: number, secondMs: number, kills: readonly number[]): boolean =>
  kills.some((killMs) => killMs >= firstMs && killMs <= secondMs);
