import type { NativeId, PlatformEventReport } from '../contract.ts';

interface Contact {
  lastMs: number;
  /** What was last told; absent until something is. */
  told?: 'online' | 'offline';
}

/**
 * The platform does not say whether a device is there; that it was heard of, by telemetry or in its communication log,
 * says it. Told as platform events when it changes. Their keys follow from what was heard, so a restart tells nothing
 * twice.
 */
export class Presence {
  readonly #contacts = new Map<NativeId, Contact>();

  constructor(private readonly offlineAfterMs: number) {}

  /** A sign of life at this time; older ones than are known change nothing. */
  heard(device: NativeId, timeMs: number): void {
    const contact = this.#contacts.get(device);
    if (!contact) this.#contacts.set(device, { lastMs: timeMs });
    else contact.lastMs = Math.max(contact.lastMs, timeMs);
  }

  /** What is to be told of a device now: nothing, or one change. */
  *changes(device: NativeId, nowMs: number): Generator<PlatformEventReport, void, undefined> {
    const contact = this.#contacts.get(device);
    if (!contact) return;
    const state = nowMs - contact.lastMs > this.offlineAfterMs ? 'offline' : 'online';
    const before = contact.told;
    contact.told = state;
    // That a device is there when we first look is no change.
    if (before === state || (before === undefined && state === 'online')) return;
    yield {
      device,
      name: `device.${state}`,
      tsMs: state === 'online' ? contact.lastMs : contact.lastMs + this.offlineAfterMs,
      details: { derived: true, lastHeard: new Date(contact.lastMs).toISOString() },
      key: `${device}/${state}/${contact.lastMs}`,
    };
  }

  forget(): void {
    this.#contacts.clear();
  }
}
