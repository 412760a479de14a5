import type { CommandOrder } from '@tributary/contracts';
import type { Clock } from '@tributary/runtime';
import { fullJitter } from '../scheduling/backoff.ts';

export interface HeldOrdersOptions {
  /** Tries to send; true when the order has to wait longer. A rejection counts as that too. */
  attempt: (order: CommandOrder, signal: AbortSignal) => Promise<boolean>;
  clock: Clock;
  random: () => number;
}

/** Beyond this an order is left to the sweep over what the queue has lost. */
const MOST = 10_000;
const RETRY = { baseMs: 500, capMs: 5_000 };

/**
 * Orders that cannot leave now: the way to the platform is down. Nothing is claimed for them, so the account says
 * `accepted`, and whoever can send them first may. Those of one device stay in the order in which they came.
 */
export class HeldOrders {
  readonly #options: HeldOrdersOptions;
  readonly #ofDevice = new Map<string, CommandOrder[]>();
  readonly #ids = new Set<string>();
  readonly #stop = new AbortController();

  constructor(options: HeldOrdersOptions) {
    this.#options = options;
  }

  has(commandId: string): boolean {
    return this.#ids.has(commandId);
  }

  /** An order for this device waits: later ones queue up behind it. */
  waits(deviceId: string): boolean {
    return this.#ofDevice.has(deviceId);
  }

  keep(order: CommandOrder): void {
    if (this.#stop.signal.aborted || this.has(order.commandId) || this.#ids.size >= MOST) return;
    this.#ids.add(order.commandId);
    const behind = this.#ofDevice.get(order.deviceId);
    if (behind) behind.push(order);
    else {
      this.#ofDevice.set(order.deviceId, [order]);
      void this.#retry(order.deviceId);
    }
  }

  /** Nothing is tried any more. The account still holds what waits; the next process finds it there. */
  close(): void {
    this.#stop.abort(new Error('the process stops'));
    this.#ofDevice.clear();
    this.#ids.clear();
  }

  async #retry(deviceId: string): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#stop;
    for (let failures = 1; !signal.aborted; ) {
      const [next] = this.#ofDevice.get(deviceId) ?? [];
      if (!next) break;
      const wait = failures === 0 ? 0 : fullJitter(failures, { ...RETRY, random });
      if (wait > 0) await clock.sleep(wait, signal).catch(() => undefined);
      if (await this.#mustWait(next)) failures += 1;
      else {
        failures = 0;
        this.#ids.delete(next.commandId);
        this.#ofDevice.get(deviceId)?.shift();
      }
    }
    this.#ofDevice.delete(deviceId);
  }

  async #mustWait(order: CommandOrder): Promise<boolean> {
    const { signal } = this.#stop;
    if (signal.aborted) return true;
    try {
      return await this.#options.attempt(order, signal);
    } catch {
      // The account is away, or this process stops: the order is where it was.
      return true;
    }
  }
}
