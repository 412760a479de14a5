import { UnavailableError } from '@tributary/contracts';

/** AWS IoT allows 100 unacknowledged messages, others more. */
const MAX_IN_FLIGHT = 100;
const MAX_ID = 65_535;

/** Packets that wait for an acknowledgement with their id: our QoS 1 publishes and subscriptions. */
export class OutgoingPackets {
  readonly #inFlight = new Map<number, (refusal: Error | undefined) => void>();
  #places: (() => void)[] = [];
  #lastId = 0;
  #lost: Error | undefined;

  /**
   * Waits for a place, calls `send` with a free id, resolves when `acknowledged` is called with it. An abort stops the
   * waiting, not the packet: its id stays taken until it is acknowledged.
   */
  async send(send: (messageId: number) => void, signal: AbortSignal): Promise<void> {
    while (this.#inFlight.size >= MAX_IN_FLIGHT && !this.#lost) await this.#place(signal);
    signal.throwIfAborted();
    if (this.#lost) throw new UnavailableError('mqtt: the session is closed', { platformCode: 'not-sent' });
    const messageId = this.#freeId();
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      this.#inFlight.set(messageId, (refusal) => {
        signal.removeEventListener('abort', abort);
        if (refusal) reject(refusal);
        else resolve();
      });
      send(messageId);
    });
  }

  acknowledged(messageId: number, refusal?: Error): void {
    const settle = this.#inFlight.get(messageId);
    if (!settle) return;
    this.#inFlight.delete(messageId);
    settle(refusal);
    this.#places.shift()?.();
  }

  /** Nothing will be acknowledged any more: whoever waits is told `error`. */
  lost(error: Error): void {
    this.#lost ??= error;
    for (const settle of this.#inFlight.values()) settle(error);
    this.#inFlight.clear();
    for (const wake of this.#places.splice(0)) wake();
  }

  #place(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        this.#places = this.#places.filter((other) => other !== wake);
        reject(signal.reason);
      };
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#places.push(wake);
    });
  }

  #freeId(): number {
    do this.#lastId = (this.#lastId % MAX_ID) + 1;
    while (this.#inFlight.has(this.#lastId));
    return this.#lastId;
  }
}
