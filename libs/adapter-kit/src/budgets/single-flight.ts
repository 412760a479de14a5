import { type BudgetLane, urgency } from './budget-plan.ts';

interface Flight<T> {
  lane: BudgetLane;
  waiting: number;
  abort: AbortController;
  result: Promise<T>;
}

/**
 * Questions that are asked again while they are under way are asked once. Whoever joins waits no longer than in a lane
 * of their own; the question is given up when everybody who waited for it has.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** `key`: everything that decides the answer. Rejects with the signal's reason when this caller gives up. */
  run(
    key: string,
    call: { lane: BudgetLane; signal: AbortSignal },
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (call.signal.aborted) return Promise.reject(call.signal.reason);
    const under = this.#flights.get(key);
    if (under && urgency[under.lane] <= urgency[call.lane]) return this.#join(key, under, call.signal);
    return this.#join(key, this.#begin(key, call.lane, ask), call.signal);
  }

  /** Questions under way. */
  get size(): number {
    return this.#flights.size;
  }

  #begin(key: string, lane: BudgetLane, ask: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    const flight: Flight<T> = { lane, waiting: 0, abort, result: ask(abort.signal) };
    this.#flights.set(key, flight);
    const landed = () => this.#forget(key, flight);
    flight.result.then(landed, landed);
    return flight;
  }

  #join(key: string, flight: Flight<T>, signal: AbortSignal): Promise<T> {
    flight.waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason);
        flight.waiting -= 1;
        if (flight.waiting > 0) return;
        this.#forget(key, flight);
        flight.abort.abort(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      flight.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
