import { createControlApi } from '../kit/control-api.ts';
import { Faults } from '../kit/faults.ts';
import type { Gate } from '../kit/gate.ts';
import { GroundTruth } from '../kit/ground-truth.ts';
import { Journal } from '../kit/journal.ts';
import { ScenarioClock } from '../kit/scenario-clock.ts';
import type { Simulator } from '../kit/simulator.ts';
import { listen } from '../kit/vendor-server.ts';
import { createApiServer } from './api-server.ts';
import { createAuthServer } from './auth-server.ts';
import { meshydbDemoConnection } from './demo-connection.ts';
import { type GivenOptions, withDefaults } from './options.ts';
import { MeshydbScenario } from './scenario.ts';
import { meshydbActions } from './scenario-actions.ts';
import { MeshydbState } from './state.ts';

export interface MeshydbSimulator extends Simulator {
  readonly authUrl: string;
  readonly state: MeshydbState;
  readonly scenario: MeshydbScenario;
}

/** Starts the simulated MeshyDB: API, tokens and control, each on its own port. Throws when a port is taken. */
export async function startMeshydb(given: GivenOptions = {}): Promise<MeshydbSimulator> {
  const options = withDefaults(given);
  const { host } = options;
  const clock = new ScenarioClock(options.clock);
  const truth = new GroundTruth();
  const faults = new Faults(clock);
  const journal = new Journal(options.journalCapacity);
  const state = new MeshydbState(options, clock, truth);
  const scenario = new MeshydbScenario(state);
  const servers = {
    api: createApiServer(state, { faults, journal }),
    auth: createAuthServer(state, { faults, journal }),
  };
  const open = new AsyncDisposableStack();
  try {
    for (const server of Object.values(servers)) open.defer(() => server.close());
    const apiGate = await listen(servers.api, { host, port: options.port });
    open.defer(() => apiGate.close());
    const authGate = await listen(servers.auth, { host, port: options.authPort });
    open.defer(() => authGate.close());
    handleFaults(faults, state, { api: apiGate, auth: authGate });
    const url = `http://${host}:${apiGate.port}`;
    const authUrl = `http://${host}:${authGate.port}`;
    const simulator = {
      platform: 'meshydb',
      url,
      authUrl,
      controlUrl: '',
      addresses: { authUrl },
      demoConnection: meshydbDemoConnection({ apiUrl: url, authUrl, mapping: state.mapping }),
      clock,
      faults,
      journal,
      truth,
      production: scenario.production,
      actions: meshydbActions({ state, scenario }),
      state,
      scenario,
      stop: () => open.disposeAsync(),
    };
    const control = createControlApi(simulator);
    open.defer(() => control.close());
    simulator.controlUrl = await control.listen({ host, port: options.controlPort });
    open.defer(() => clock.dispose());
    open.defer(() => {
      faults.clear();
      return faults.settled();
    });
    scenario.start();
    return simulator;
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

/** Nothing streams here: cutting streams cuts connections. */
function handleFaults(faults: Faults, state: MeshydbState, gates: Record<string, Gate>): void {
  faults.handle('expire-tokens', () => {
    state.access.expireAll();
    return undefined;
  });
  faults.handle('cut-streams', () => {
    for (const gate of Object.values(gates)) gate.cut();
    return undefined;
  });
  faults.handle('outage', ({ mode, listeners }) => {
    const hit = Object.entries(gates)
      .filter(([name]) => !listeners || listeners.includes(name))
      .map(([, gate]) => gate);
    for (const gate of hit) faults.track(gate.shut(mode));
    return () => {
      for (const gate of hit) faults.track(gate.reopen());
    };
  });
}
