import { hash } from 'node:crypto';

/** One generation of memory; a message is remembered for at least this long, and at most twice as long. */
const GENERATION_MS = 15_000;
const MOST_IN_ONE = 50_000;

interface Seen {
  atMs: number;
  done: boolean;
  waiting: (() => void)[];
}

/**
 * Messages that come twice, as they do while an old session and its successor both stand. What a copy owes (its
 * acknowledgement) it pays when the first is safe.
 */
export class Duplicates {
  #young = new Map<string, Seen>();
  #old = new Map<string, Seen>();
  #sinceMs = Number.NEGATIVE_INFINITY;

  /**
   * Undefined for a copy of what came within `withinMs` before: then `done` is called when the first is. Otherwise what
   * to call when this one is done. Times are those of receipt, in milliseconds.
   */
  first(topic: string, payload: Uint8Array, at: { nowMs: number; withinMs: number }, done: () => void) {
    this.#turn(at.nowMs);
    const key = `${topic} ${hash('sha1', payload, 'base64')}`;
    const before = this.#young.get(key) ?? this.#old.get(key);
    if (before && at.nowMs - before.atMs <= at.withinMs) {
      if (before.done) done();
      else before.waiting.push(done);
      return undefined;
    }
    const seen: Seen = { atMs: at.nowMs, done: false, waiting: [] };
    this.#young.set(key, seen);
    return () => {
      seen.done = true;
      done();
      for (const also of seen.waiting.splice(0)) also();
    };
  }

  #turn(nowMs: number): void {
    if (nowMs - this.#sinceMs < GENERATION_MS && this.#young.size < MOST_IN_ONE) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#sinceMs = nowMs;
  }
}
