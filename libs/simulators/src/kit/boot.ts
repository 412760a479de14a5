import type { FastifyInstance } from 'fastify';
import { createControlApi } from './control-api.ts';
import { Faults } from './faults.ts';
import type { Gate } from './gate.ts';
import { GroundTruth } from './ground-truth.ts';
import { Journal } from './journal.ts';
import { ScenarioClock } from './scenario-clock.ts';
import type { Simulator } from './simulator.ts';
import type { SimulatorOptions } from './simulator-options.ts';
import { listen } from './vendor-server.ts';

/** What a simulator stands on before it knows anything of its vendor. */
export type Foundation = Pick<Simulator, 'clock' | 'truth' | 'faults' | 'journal'>;

export function layFoundation(options: Pick<SimulatorOptions, 'clock' | 'journalCapacity'>): Foundation {
  const clock = new ScenarioClock(options.clock);
  const journal = new Journal(options.journalCapacity);
  return { clock, truth: new GroundTruth(), faults: new Faults(clock), journal };
}

/** What the vendor's own code has to tell of a simulator. */
export type VendorPart = Omit<Simulator, keyof Foundation | 'controlUrl' | 'stop'>;

export interface Boot<T extends VendorPart> {
  foundation: Foundation;
  /** Where the control API listens. */
  control: Pick<SimulatorOptions, 'host' | 'controlPort'>;
  /** Opens what clients of the vendor call, and leaves on the stack how to close it again. */
  open(doors: AsyncDisposableStack): Promise<T>;
  /** Sets the clockwork going, once everything is open. */
  start(): void;
}

/**
 * Starts a simulator: what the vendor opens, its control API, its clockwork. `stop` ends them the other way round.
 * Throws when one of them cannot be opened, such as a port that is taken; then nothing stays open.
 */
export async function bootSimulator<T extends VendorPart>({ foundation, control, open, start }: Boot<T>) {
  const { clock, faults } = foundation;
  const doors = new AsyncDisposableStack();
  try {
    const simulator = {
      ...(await open(doors)),
      ...foundation,
      controlUrl: '',
      stop: () => doors.disposeAsync(),
    };
    const api = createControlApi(simulator);
    doors.defer(() => api.close());
    simulator.controlUrl = await api.listen({ host: control.host, port: control.controlPort });
    doors.defer(() => clock.dispose());
    doors.defer(() => {
      faults.clear();
      return faults.settled();
    });
    start();
    return simulator;
  } catch (error) {
    await doors.disposeAsync();
    throw error;
  }
}

/** Lets a vendor's server be called at an address; the door is closed before the server. */
export async function openDoor(
  doors: AsyncDisposableStack,
  app: FastifyInstance,
  address: { host: string; port: number },
): Promise<Gate> {
  doors.defer(() => app.close());
  const { host, port } = address;
  const gate = await listen(app, { host, port });
  doors.defer(() => gate.close());
  return gate;
}
