import type { DueDevice, ToldSilence, Verdict } from '@tributary/database';

/** What is kept of a device for a time in which the database cannot be asked. */
type Kept = Omit<ToldSilence, 'cause'>;

/** More are not kept: of those that are left out it is told once the database is back. */
const MOST_KEPT = 50_000;

/**
 * Devices as they were when they were last looked at. While the database is away nothing can be stored, so each of them
 * goes silent: this says when, without asking anybody.
 */
export class KnownDevices {
  readonly #kept = new Map<string, Kept>();

  remember(judged: readonly { device: DueDevice; verdict: Verdict | undefined }[]): void {
    for (const { device, verdict } of judged) {
      this.#kept.delete(device.deviceId);
      if (!verdict || verdict.silent || !device.expected) continue;
      const { deviceId, nativeId, workspace, connectionId, platform, silences } = device;
      const { sinceMs, everyMs, staleAfterMs } = verdict;
      const number = silences + 1;
      this.#kept.set(deviceId, {
        deviceId,
        nativeId,
        workspace,
        connectionId,
        platform,
        number,
        sinceMs,
        everyMs,
        staleAfterMs,
      });
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    }
  }

  /**
   * Those that have gone silent because nothing was stored after `wellMs`; each is given once. Something may have come of
   * them until then.
   */
  takeSilent(wellMs: number, nowMs: number): Kept[] {
    const silent = [...this.#kept.values()].filter(
      ({ sinceMs, staleAfterMs }) => nowMs >= Math.max(sinceMs, wellMs) + staleAfterMs,
    );
    for (const { deviceId } of silent) this.#kept.delete(deviceId);
    return silent.map((kept) => ({ ...kept, sinceMs: Math.max(kept.sinceMs, wellMs) }));
  }

  clear(): void {
    this.#kept.clear();
  }
}
