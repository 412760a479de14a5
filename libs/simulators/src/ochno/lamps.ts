import { z } from 'zod';
import type { OchnoScenario } from './scenario.ts';
import type { SimulatedPort } from './simulated-port.ts';
import type { OchnoState } from './state.ts';
import type { PortPlace } from './topics.ts';

/** The documented form of an action; anything else in it is left alone. */
const action = z.object({
  data: z.object({
    portId: z.string().optional(),
    device: z.object({ lamp: z.object({ level: z.number().min(0).max(100) }) }),
  }),
});

/** Does what actions ask of lamps. There is no answer: what cannot be done is not done. */
export class Lamps {
  readonly #state: OchnoState;
  readonly #scenario: OchnoScenario;

  constructor(state: OchnoState, scenario: OchnoScenario) {
    this.#state = state;
    this.#scenario = scenario;
  }

  /** Says in a word, for the journal alone, what came of it. */
  order(place: PortPlace, payload: Buffer): string {
    const given = readJson(payload);
    if (given === undefined) return 'ignored: not JSON';
    const parsed = action.safeParse(given);
    if (!parsed.success) return 'ignored: no lamp level';
    const { portId, device } = parsed.data.data;
    // Quirk: the topic of the example has no location, hub nor port; the payload says which port is meant.
    const simulated = this.#scenario.port(portId || place.portId);
    if (!simulated) return 'ignored: no such port';
    if (this.#state.placeOf(simulated.port).companyId !== place.companyId) return 'ignored: a port of others';
    if (simulated.kind !== 'lamp') return 'ignored: no lamp';
    if (!this.#scenario.production.isOnline(simulated.port.hubId)) return 'ignored: offline';
    if (simulated.manner === 'ignores') return 'ignored: the lamp does as it likes';
    const delayMs = simulated.manner === 'late' ? simulated.mannerDelayMs : this.#state.options.lampDelayMs;
    if (delayMs === 0) this.#dim(simulated, device.lamp.level);
    else this.#state.clock.after(delayMs, () => this.#dim(simulated, device.lamp.level));
    return `${simulated.port.id} lamp.level=${device.lamp.level}`;
  }

  #dim(simulated: SimulatedPort, level: number): void {
    if (simulated.kind !== 'lamp') return;
    simulated.level = level;
    this.#scenario.production.speak(simulated, false);
  }
}

function readJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
