import type { Irregularity } from '../kit/irregularities.ts';
import { PausableProduction } from '../kit/pausable-production.ts';
import { fraction } from '../kit/seeded.ts';
import type { PortMessage } from './port-data.ts';
import type { SimulatedPort } from './simulated-port.ts';
import type { OchnoState } from './state.ts';

const SHORTEST_TICK_MS = 20;
const LONGEST_TICK_MS = 250;
/** After a pause of the process no more than this is caught up. */
const MOST_CATCH_UP_MS = 1_000;

/** Ports that send in turn, so that the load is even, and now and then late, twice, in the wrong order or wrongly. */
export class PortProduction extends PausableProduction {
  readonly #state: OchnoState;
  readonly #ports: SimulatedPort[] = [];
  readonly #offlineHubs = new Set<string>();
  #next = 0;
  #owed = 0;
  #lastMs = 0;

  constructor(state: OchnoState) {
    super(state.options.producing);
    this.#state = state;
  }

  add(port: SimulatedPort): void {
    this.#ports.push(port);
  }

  remove(port: SimulatedPort): void {
    const at = this.#ports.indexOf(port);
    if (at >= 0) this.#ports.splice(at, 1);
  }

  isOnline(hubId: string): boolean {
    return !this.#offlineHubs.has(hubId);
  }

  /** Nothing is kept for later: what a hub could not send is lost. */
  setOnline(hubId: string, online: boolean): void {
    if (online) this.#offlineHubs.delete(hubId);
    else this.#offlineHubs.add(hubId);
  }

  start(): void {
    const { clock, options } = this.#state;
    this.#lastMs = clock.monotonicMs();
    const apartMs = options.cadenceMs / Math.max(1, this.#ports.length);
    clock.every(Math.min(Math.max(apartMs, SHORTEST_TICK_MS), LONGEST_TICK_MS), () => this.#tick());
  }

  /** A message of its own, out of turn. */
  speak(port: SimulatedPort, full = true): void {
    if (!this.isOnline(port.port.hubId)) return;
    const message = port.measure(this.#state.clock.now(), full);
    port.outbox.previous = message;
    this.#say(port, message);
  }

  /** So many messages, `stepMs` apart, the last of them now. */
  burst(port: SimulatedPort, count: number, stepMs: number): void {
    const now = this.#state.clock.now();
    for (let i = count - 1; i >= 0; i--) this.#say(port, port.measure(now - i * stepMs, false));
  }

  misbehave(port: SimulatedPort, way: Irregularity, lateMs: number): void {
    const now = this.#state.clock.now();
    if (way === 'late') this.#say(port, port.measureAt(now - lateMs, false));
    else if (way === 'swapped') this.#saySwapped(port, now);
    else this.#repeat(port, way);
  }

  #saySwapped(port: SimulatedPort, now: number): void {
    const first = port.measure(now, false);
    this.#say(port, port.measure(now + 1, false));
    this.#say(port, first);
  }

  #repeat(port: SimulatedPort, way: 'duplicate' | 'corrected'): void {
    if (!port.outbox.previous) this.speak(port);
    const { previous } = port.outbox;
    if (previous) this.#say(port, way === 'duplicate' ? previous : port.correctionOf(previous));
  }

  #tick(): void {
    const now = this.#state.clock.monotonicMs();
    const passed = Math.min(now - this.#lastMs, MOST_CATCH_UP_MS);
    this.#lastMs = now;
    if (this.paused || this.#ports.length === 0) return;
    this.#owed += (passed * this.#ports.length) / this.#state.options.cadenceMs;
    for (; this.#owed >= 1; this.#owed -= 1) {
      this.#next = (this.#next + 1) % this.#ports.length;
      const port = this.#ports[this.#next];
      if (port && this.isOnline(port.port.hubId)) this.#turn(port);
    }
  }

  #turn(port: SimulatedPort): void {
    const { irregular, seed, fullEvery } = this.#state.options;
    const number = port.n;
    const message = port.measure(this.#state.clock.now(), number % fullEvery === 0);
    const dice = fraction(seed, port.index, number, 77);
    const due = port.outbox.pass(message, number, dice, irregular, (wrong) => port.correctionOf(wrong));
    for (const one of due) this.#say(port, one);
  }

  #say(port: SimulatedPort, message: PortMessage): void {
    this.#state.say(port.port, message);
  }
}
