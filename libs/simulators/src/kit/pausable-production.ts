import type { Production } from './simulator.ts';

/** A clockwork that whoever drives it asks before each turn whether it is paused. */
export class PausableProduction implements Production {
  #paused: boolean;

  constructor(producing: boolean) {
    this.#paused = !producing;
  }

  get paused(): boolean {
    return this.#paused;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }
}
