import { type Link, links } from '@tributary/contracts';
import type { DueDevice, Verdict } from '@tributary/database';

export interface SilentLook {
  device: Pick<DueDevice, 'deviceId' | 'silences' | 'silentLink'>;
  verdict: Pick<Verdict, 'staleAfterMs'>;
  nowMs: number;
}

/** More are forgotten all at once: what is silent then keeps the name of its link a little longer. */
const MOST_KEPT = 200_000;
const order = (link: Link): number => links.indexOf(link);

/**
 * Since when silent devices have been without the broken link that was told of them. One whose link was mended has not
 * had its turn yet: that nothing came of it still is what was told, and neither the device's own doing nor that of what
 * broke along with it, further on, and stands again a moment later.
 */
export class MendedWays {
  readonly #sinceMs = new Map<string, number>();

  /** Asked at every look at a silent device, with the link that would be named now. */
  mayBeSaid(link: Link, { device, verdict, nowMs }: SilentLook): boolean {
    const { deviceId, silences, silentLink } = device;
    const key = `${deviceId} ${silences}`;
    if (silentLink === undefined || order(link) <= order(silentLink)) {
      this.#sinceMs.delete(key);
      return true;
    }
    const sinceMs = this.#sinceMs.get(key) ?? nowMs;
    if (this.#sinceMs.size >= MOST_KEPT) this.#sinceMs.clear();
    this.#sinceMs.set(key, sinceMs);
    if (nowMs - sinceMs < verdict.staleAfterMs) return false;
    this.#sinceMs.delete(key);
    return true;
  }
}
