import type { DueDevice, Verdict } from '@tributary/database';

/** More are forgotten all at once: what is silent then keeps the name of its link a little longer. */
const MOST_KEPT = 200_000;

/**
 * Since when silent devices have been without a broken link before them. One whose link was mended has not had its turn
 * yet: that nothing came of it still is what was told, and not the device's own doing.
 */
export class MendedWays {
  readonly #sinceMs = new Map<string, number>();

  /** Told of every look at a silent device whose way is well; true once it is to blame itself. */
  hasHadItsTurn(
    { deviceId, silences, silentLink }: Pick<DueDevice, 'deviceId' | 'silences' | 'silentLink'>,
    { staleAfterMs }: Pick<Verdict, 'staleAfterMs'>,
    nowMs: number,
  ): boolean {
    if (silentLink === 'device') return true;
    const key = `${deviceId} ${silences}`;
    const sinceMs = this.#sinceMs.get(key) ?? nowMs;
    if (this.#sinceMs.size >= MOST_KEPT) this.#sinceMs.clear();
    this.#sinceMs.set(key, sinceMs);
    if (nowMs - sinceMs < staleAfterMs) return false;
    this.#sinceMs.delete(key);
    return true;
  }
}
