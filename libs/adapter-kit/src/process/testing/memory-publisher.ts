import type { EventName, RoutingParts, TributaryEvent } from '@tributary/contracts';
import { eventNameOf, parseEvent } from '@tributary/contracts';
import type { Publisher } from '../ports.ts';

/** Takes events as the broker would, for tests: confirms at once, or when told. Refuses what does not fit its schema. */
export class MemoryPublisher implements Publisher {
  readonly events: TributaryEvent[] = [];
  /** While true nothing is confirmed. */
  holding = false;
  #waiting: (() => void)[] = [];

  publish(event: TributaryEvent, _routing: RoutingParts, signal?: AbortSignal): Promise<void> {
    const parsed = parseEvent(JSON.parse(JSON.stringify(event)));
    if (!parsed.ok) throw new Error(`not a valid event: ${JSON.stringify(parsed.problems)}`);
    this.events.push(event);
    if (!this.holding) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }

  /** Confirms everything that waits, and from now on at once. */
  release(): void {
    this.holding = false;
    for (const confirm of this.#waiting.splice(0)) confirm();
  }

  named(name: EventName): TributaryEvent[] {
    return this.events.filter(({ type }) => eventNameOf(type) === name);
  }
}
