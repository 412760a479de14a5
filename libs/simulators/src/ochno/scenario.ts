import { fraction } from '../kit/seeded.ts';
import type { DeviceKind } from './plugged-devices.ts';
import { leavesOf } from './port-data.ts';
import { PortProduction } from './production.ts';
import type { Hub, Port } from './records.ts';
import { addPort, seedPlaces } from './scenario-places.ts';
import { SimulatedPort } from './simulated-port.ts';
import type { OchnoState } from './state.ts';

const HISTORY_STEP_MS = 60_000;
const FIRST_ADDED = 2_000_000;
const MOBILE: readonly DeviceKind[] = ['phone', 'laptop'];

/** Seeded data and its clockwork. */
export class OchnoScenario {
  readonly production: PortProduction;
  readonly #state: OchnoState;
  readonly #ports = new Map<string, SimulatedPort>();
  #added = 0;
  #plugged = 0;

  constructor(state: OchnoState) {
    this.#state = state;
    this.production = new PortProduction(state);
    seedPlaces(state);
    const inOrder = [...state.ports.values()];
    inOrder.forEach((port, index) => {
      this.#simulate(port, index);
    });
    // Ports first, so that the first device is a lamp.
    for (const { id } of state.hubs.values()) this.#knowHub(id);
    this.#seedHistory();
    for (const simulated of this.#ports.values()) this.#introduce(simulated);
  }

  get ports(): SimulatedPort[] {
    return [...this.#ports.values()];
  }

  start(): void {
    const { clock, truth, archive, options } = this.#state;
    this.production.start();
    clock.every(options.plugEveryMs, () => this.#somebodyComesOrGoes());
    const { retentionMs } = options;
    if (retentionMs > 0) {
      clock.every(retentionMs / 4, () => {
        for (const log of [truth, archive]) log.forgetBefore(clock.now() - retentionMs);
      });
    }
  }

  port(id: string): SimulatedPort | undefined {
    return this.#ports.get(id);
  }

  /** Whatever was there before is gone; the port says what is there now. */
  plug(simulated: SimulatedPort, kind: DeviceKind): void {
    if (simulated.kind !== undefined) this.unplug(simulated);
    simulated.kind = kind;
    this.production.speak(simulated);
  }

  unplug(simulated: SimulatedPort): void {
    simulated.kind = undefined;
    this.production.speak(simulated);
  }

  /** A hub that comes back lets each of its ports say how it is. */
  setOnline(hub: Hub, online: boolean): void {
    this.production.setOnline(hub.id, online);
    hub.data = { ...hub.data, online };
    if (online) for (const port of this.portsOf(hub)) this.production.speak(port);
  }

  portsOf(hub: Hub): SimulatedPort[] {
    return this.ports.filter(({ port }) => port.hubId === hub.id);
  }

  /** A further socket of a hub. */
  addPort(hub: Hub, name: string, kind: DeviceKind | undefined): Port {
    const index = FIRST_ADDED + this.#added++;
    const port = addPort(this.#state, hub, this.portsOf(hub).length, index);
    port.name = name;
    const simulated = this.#simulate(port, index);
    simulated.kind = kind;
    this.#introduce(simulated);
    return port;
  }

  /** Sockets of a hub that somebody has added over the API. */
  equip(hub: Hub): void {
    for (let n = 0; n < this.#state.options.portsPerHub; n++) {
      this.addPort(hub, `${hub.name} – uttag ${n + 1}`, undefined);
    }
    this.#knowHub(hub.id);
  }

  removePort(port: Port): void {
    const simulated = this.#ports.get(port.id);
    if (simulated) this.production.remove(simulated);
    this.#ports.delete(port.id);
    this.#state.ports.delete(port.id);
  }

  removeHub(hub: Hub): void {
    for (const { port } of this.portsOf(hub)) this.removePort(port);
    this.#state.hubs.delete(hub.id);
  }

  #simulate(port: Port, index: number): SimulatedPort {
    const simulated = new SimulatedPort(port, index, this.#state.options.seed);
    this.#ports.set(port.id, simulated);
    this.production.add(simulated);
    if (this.#state.isDemonstrated(this.#state.placeOf(port).companyId)) this.#state.truth.know(port.id);
    return simulated;
  }

  #knowHub(id: string): void {
    const hub = this.#state.hubs.get(id);
    if (!hub || !this.#state.isDemonstrated(this.#state.companyOfLocation(hub.locationId))) return;
    this.#state.truth.know(id);
  }

  /** The platform knows how each port is, although nobody has listened so far. */
  #introduce(simulated: SimulatedPort): void {
    simulated.port.data = simulated.measure(this.#state.clock.now(), true);
  }

  /** What metrics tell of the time before the start: a value a minute. */
  #seedHistory(): void {
    const { clock, options, archive } = this.#state;
    const now = clock.now();
    for (let t = now - options.historyMs; t < now; t += HISTORY_STEP_MS) {
      for (const simulated of this.#ports.values()) {
        const message = simulated.measureAt(t, false);
        for (const { signal, value } of leavesOf(message)) archive.record(simulated.port.id, signal, t, value);
      }
    }
  }

  #somebodyComesOrGoes(): void {
    if (this.production.paused) return;
    const places = this.ports.filter((one) => one.isMobile && this.production.isOnline(one.port.hubId));
    const n = this.#plugged++;
    const chosen = places[Math.floor(fraction(this.#state.options.seed, n, 5) * places.length)];
    if (!chosen) return;
    if (chosen.kind !== undefined) this.unplug(chosen);
    else this.plug(chosen, MOBILE[n % MOBILE.length] ?? 'phone');
  }
}
