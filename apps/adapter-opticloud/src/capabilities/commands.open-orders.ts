import type { NativeId } from '@tributary/adapter-kit';

interface Order {
  acceptedAtMs: number;
}

interface Queue {
  orders: Order[];
  /** Time of the newest answer that has been counted. */
  countedUntilMs: number;
}

/** An order whose list never came is no longer waited for. */
const FORGOTTEN_AFTER_MS = 7 * 86_400_000;

/**
 * Orders of ours whose list has not come yet, by device. The log names no order, but the platform hands orders over one
 * after the other: the first list is the first order's. Known since the start of this process only.
 */
export class OpenOrders {
  readonly #queues = new Map<NativeId, Queue>();

  /** Since when the log must be read to count what has been answered; undefined when nothing is open. */
  oldest(device: NativeId): number | undefined {
    return this.#queues.get(device)?.orders[0]?.acceptedAtMs;
  }

  /** Takes answered orders away; `answers` are times of list answers, oldest first. */
  answered(device: NativeId, answers: readonly number[]): void {
    const queue = this.#queues.get(device);
    if (!queue) return;
    for (const timeMs of answers) {
      if (timeMs <= queue.countedUntilMs) continue;
      queue.countedUntilMs = timeMs;
      const [first] = queue.orders;
      if (first && timeMs >= first.acceptedAtMs) queue.orders.shift();
    }
  }

  /** Adds an order and tells how many stand before it. */
  add(device: NativeId, acceptedAtMs: number): number {
    const queue = this.#queues.get(device) ?? { orders: [], countedUntilMs: 0 };
    queue.orders = queue.orders.filter((order) => order.acceptedAtMs > acceptedAtMs - FORGOTTEN_AFTER_MS);
    queue.orders.push({ acceptedAtMs });
    this.#queues.set(device, queue);
    return queue.orders.length - 1;
  }
}
