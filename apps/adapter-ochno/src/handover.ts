import { hash } from 'node:crypto';
import type { MqttMessage } from '@tributary/adapter-kit';

/** Messages that came by both: a port may repeat itself, so one alone proves little. */
const ENOUGH_IN_COMMON = 5;
const MOST_REMEMBERED = 50_000;
/** As long as this without a word, and with nothing under way, there is nothing left to come. */
const QUIET_MS = 1_000;

/**
 * When an old session may go. Its successor hears everything from a moment on; what was said before that, and still
 * waits at the broker, only the old one brings. It has brought it all once it brings what its successor brings as well,
 * or is silent while the broker answers.
 */
export class Handover {
  readonly #by = { old: new Set<string>(), young: new Set<string>() };
  #inCommon = 0;
  #underWay = 0;
  #lastMs: number;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** A message came. Of one that the old session brought, the returned function says that it is settled. */
  came(by: 'old' | 'young', { topic, payload }: MqttMessage, nowMs: number): () => void {
    const other = by === 'old' ? this.#by.young : this.#by.old;
    const key = `${topic} ${hash('sha1', payload, 'base64')}`;
    if (other.delete(key)) this.#inCommon += 1;
    else if (this.#by[by].size < MOST_REMEMBERED) this.#by[by].add(key);
    if (by === 'young') return () => {};
    this.#lastMs = nowMs;
    this.#underWay += 1;
    let settled = false;
    return () => {
      if (!settled) this.#underWay -= 1;
      settled = true;
    };
  }

  /** It has brought what its successor brings. */
  get isCaughtUp(): boolean {
    return this.#inCommon >= ENOUGH_IN_COMMON;
  }

  /** It brings nothing. `held`: it has more, and is not let. */
  isSilent(nowMs: number, held: boolean): boolean {
    return !held && this.#underWay === 0 && nowMs - this.#lastMs >= QUIET_MS;
  }
}
