import { setTimeout as pause } from 'node:timers/promises';
import type { Position } from './fetched-twice.ts';
import type { HurriedHouse } from './house.ts';
import type { HurriedPlatform } from './platforms.ts';

const EVERY_MS = 100;

/** Reads all the time what the checkpoints in Postgres say, beside how far the journals of the platforms are. */
export class Positions {
  readonly #house: HurriedHouse;
  readonly #platforms: readonly HurriedPlatform[];
  readonly #found = new Map<string, Position[]>();
  readonly #end = new AbortController();
  #reading: Promise<void> | undefined;

  constructor(house: HurriedHouse, platforms: readonly HurriedPlatform[]) {
    this.#house = house;
    this.#platforms = platforms;
  }

  begin(): void {
    this.#reading = this.#readOn();
  }

  async end(): Promise<void> {
    this.#end.abort();
    await this.#reading;
  }

  of({ simulator }: HurriedPlatform): readonly Position[] {
    return this.#found.get(simulator.platform) ?? [];
  }

  async #readOn(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      await this.#read();
      await pause(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #read(): Promise<void> {
    const rows = await this.#house.checkpoints();
    for (const platform of this.#platforms) {
      const { platform: name, journal } = platform.simulator;
      const stands = platform.reads.stands(rows.get(this.#house.connections.get(name) ?? '') ?? new Map());
      const found = this.#found.get(name) ?? [];
      this.#found.set(name, found);
      if (!stands || isSame(found.at(-1), stands)) continue;
      // After the rows: whatever is noted from here on was asked for by somebody who may have known them.
      found.push({ seq: journal.position, ...stands });
    }
  }
}

const isSame = (a: Omit<Position, 'seq'> | undefined, b: Omit<Position, 'seq'>): boolean =>
  a?.untilMs === b.untilMs && JSON.stringify(a.open) === JSON.stringify(b.open);
