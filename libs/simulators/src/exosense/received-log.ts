/** When writes were received: the order of production against time, one entry each time the clock had moved on. */
export class ReceivedLog {
  #orders: number[] = [];
  #times: number[] = [];

  /** From this write on, things are received at `time`. */
  note(order: number, time: number): void {
    if (this.#times.at(-1) === time) return;
    this.#orders.push(order);
    this.#times.push(time);
  }

  /** Undefined for what is forgotten. */
  at(order: number): number | undefined {
    let low = 0;
    let high = this.#orders.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#orders[middle] ?? 0) <= order) low = middle + 1;
      else high = middle;
    }
    return this.#times[low - 1];
  }

  /** Forgets what was received before `time`, except what is still needed to place later writes. */
  forgetBefore(time: number): void {
    const kept = this.#times.findIndex((one) => one >= time);
    const from = Math.max(0, (kept === -1 ? this.#times.length : kept) - 1);
    this.#orders = this.#orders.slice(from);
    this.#times = this.#times.slice(from);
  }
}
