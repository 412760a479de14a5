import type { TributaryClient } from '@tributary/client';

export interface Tour {
  tributary: TributaryClient;
  /** What a person would look at, on a line. */
  show(...words: unknown[]): void;
}

export interface Stop {
  title: string;
  /** Throws where an answer is not what the tour says. */
  go(tour: Tour): Promise<void>;
}

/** An answer that is not what the tour says. */
export class TourProblem extends Error {}

/** Returns what is there; throws a `TourProblem` that says what was to be there. */
export function must<T>(value: T | undefined | null | false | 0 | '', what: string): T {
  if (!value) throw new TourProblem(`expected ${what}`);
  return value;
}

/** Asks again and again until there is something. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { withinMs = 60_000, everyMs = 250 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until) throw new TourProblem(`expected ${what} within ${withinMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
