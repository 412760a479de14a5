import type { ExecutionOptions, ExosenseLimits } from './options.ts';

/** Adds up how long a request would keep the vendor busy: it grows with what is selected. */
export class ExecutionMeter {
  readonly #options: ExecutionOptions;
  readonly #limits: ExosenseLimits;
  readonly #withData = new Set<string>();
  #ms: number;

  constructor(options: ExecutionOptions, limits: ExosenseLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#ms = options.baseMs;
  }

  assets(count: number): void {
    this.#ms += count * this.#options.perAssetMs;
  }

  signals(count: number): void {
    this.#ms += count * this.#options.perSignalMs;
  }

  points(assetId: string, count: number): void {
    this.#withData.add(assetId);
    this.#ms += count * this.#options.perPointMs;
  }

  items(count: number): void {
    this.#ms += count * this.#options.perItemMs;
  }

  /** Whole milliseconds. */
  get timeMs(): number {
    return Math.round(this.#ms * this.#options.factor);
  }

  /** The request would have been given up: nothing more need be looked up for it. */
  get tooLong(): boolean {
    return this.timeMs > this.#limits.requestTimeMs;
  }

  get tooMuchMemory(): boolean {
    const { assetsWithData } = this.#limits;
    return assetsWithData > 0 && this.#withData.size > assetsWithData;
  }
}
