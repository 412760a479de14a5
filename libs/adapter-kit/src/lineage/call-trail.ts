import { AsyncLocalStorage } from 'node:async_hooks';
import { MAX_VIA, type ViaCall } from '@tributary/contracts';
import type { DataSource } from './data-source.ts';

/** Which answers brought what is being read, as far as one reader goes. Bounded, however many calls a page takes. */
export class CallTrail {
  #calls: ViaCall[] = [];
  #more = 0;
  #strand: DataSource | undefined;
  #last: DataSource | undefined;

  add(call: ViaCall): void {
    this.#calls.push(call);
    if (this.#calls.length <= MAX_VIA) return;
    this.#calls.shift();
    this.#more += 1;
  }

  /** What comes next was read by another trail, one of several that run beside each other. */
  brought(source: DataSource | undefined): void {
    this.#strand = source;
  }

  /** Of what was read since the last call of this; a second piece of one answer comes from the same answer. */
  take(): DataSource | undefined {
    if (this.#strand) this.#last = this.#strand;
    else if (this.#calls.length > 0) {
      this.#last = { calls: this.#calls, ...(this.#more > 0 ? { more: this.#more } : {}) };
    }
    this.#strand = undefined;
    this.#calls = [];
    this.#more = 0;
    return this.#last;
  }
}

const trails = new AsyncLocalStorage<CallTrail>();

/** The trail of whoever reads here, if anybody keeps one. */
export const currentTrail = (): CallTrail | undefined => trails.getStore();

/** Calls that `work` makes are noted in `trail`. */
export const onTrail = <T>(trail: CallTrail, work: () => T): T => trails.run(trail, work);
