import { type Gap, gapKey } from './telemetry.state.ts';

/**
 * Gaps that the tail has found and the backfill works on. The tail's checkpoint keeps a gap until the backfill's own
 * checkpoint, come back to it, says that the gap is through; so a crash between the two costs a second reading at most.
 */
export class Gaps {
  #open: Gap[] = [];
  #held: ReadonlySet<string> = new Set();
  #known: readonly Gap[] | undefined;
  readonly #through = new Set<string>();

  /** Called by the tail with what its checkpoint holds and what it has found now; answers what is still open. */
  hold(gaps: readonly Gap[]): Gap[] {
    this.#known = gaps;
    this.#held = new Set(gaps.map(gapKey));
    for (const key of this.#through) if (!this.#held.has(key)) this.#through.delete(key);
    this.#open = gaps.filter((gap) => !this.#through.has(gapKey(gap)));
    return [...this.#open];
  }

  /** Has the tail looked yet? Before that nobody knows what it will leave to the backfill. */
  get begun(): boolean {
    return this.#known !== undefined;
  }

  /** Where the backfill leaves off that reads this moment; the moment itself where it does not. */
  readUntil(ms: number): number {
    const ends = (this.#known ?? []).flatMap(({ fromMs, toMs, stream }) =>
      stream === undefined && fromMs <= ms && ms < toMs ? [toMs] : [],
    );
    return Math.max(ms, ...ends);
  }

  /** Does the tail's checkpoint still hold it, or might it? */
  isHeld(key: string): boolean {
    return this.#held.has(key);
  }

  /** The newest first: what happened last is wanted most. */
  next(): Gap | undefined {
    return this.#open.toSorted((a, b) => b.toMs - a.toMs)[0];
  }

  close(key: string): void {
    if (!this.#held.has(key)) return;
    this.#through.add(key);
    this.#open = this.#open.filter((gap) => gapKey(gap) !== key);
  }
}
