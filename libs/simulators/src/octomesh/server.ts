import { createControlApi } from '../kit/control-api.ts';
import { Faults } from '../kit/faults.ts';
import type { Gate } from '../kit/gate.ts';
import { GroundTruth } from '../kit/ground-truth.ts';
import { Journal } from '../kit/journal.ts';
import { ScenarioClock } from '../kit/scenario-clock.ts';
import type { Simulator } from '../kit/simulator.ts';
import { listen } from '../kit/vendor-server.ts';
import { createAssetServer } from './asset-server.ts';
import { octomeshDemoConnection } from './demo-connection.ts';
import { HistoryTruth } from './history-truth.ts';
import { Identity } from './identity.ts';
import { createIdentityServer } from './identity-server.ts';
import { defaultOptions, type OctomeshOptions } from './options.ts';
import { OctomeshScenario } from './scenario.ts';
import { octomeshActions } from './scenario-actions.ts';
import { OctomeshState } from './state.ts';

export interface OctomeshSimulator extends Simulator {
  readonly identityUrl: string;
  readonly state: OctomeshState;
  readonly scenario: OctomeshScenario;
}

/** Starts the simulated OctoMesh: identity service, asset repository with REST, and control, each on its own port. */
export async function startOctomesh(given: Partial<OctomeshOptions> = {}): Promise<OctomeshSimulator> {
  const options: OctomeshOptions = { ...defaultOptions, ...given };
  const clock = new ScenarioClock(options.clock);
  const truth = new GroundTruth();
  const faults = new Faults(clock);
  const journal = new Journal(options.journalCapacity);
  const state = new OctomeshState(options, clock, truth, await Identity.create(clock, options));
  const past = new HistoryTruth();
  const scenario = new OctomeshScenario(state, past);
  truth.beginWith(past);
  const kit = { clock, faults, journal };
  const servers = { identity: createIdentityServer(state.identity, kit), assets: createAssetServer(state, kit) };
  const open = new AsyncDisposableStack();
  try {
    for (const server of Object.values(servers)) open.defer(() => server.close());
    const identityGate = await listen(servers.identity, { host: options.host, port: options.identityPort });
    open.defer(() => identityGate.close());
    const assetGate = await listen(servers.assets, { host: options.host, port: options.port });
    open.defer(() => assetGate.close());
    handleFaults(faults, state, { identity: identityGate, assets: assetGate });
    const identityUrl = `http://${options.host}:${identityGate.port}`;
    const url = `http://${options.host}:${assetGate.port}`;
    state.identity.tokens.issuer = `${identityUrl}/`;
    const simulator = {
      platform: 'octomesh',
      url,
      identityUrl,
      controlUrl: '',
      addresses: { identityUrl },
      demoConnection: octomeshDemoConnection({ identityUrl, assetUrl: url }),
      clock,
      faults,
      journal,
      truth,
      production: scenario.production,
      actions: octomeshActions(state, scenario),
      state,
      scenario,
      stop: () => open.disposeAsync(),
    };
    const control = createControlApi(simulator);
    open.defer(() => control.close());
    simulator.controlUrl = await control.listen({ host: options.host, port: options.controlPort });
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
function handleFaults(faults: Faults, state: OctomeshState, gates: Record<string, Gate>): void {
  faults.handle('expire-tokens', () => {
    state.identity.tokens.expireAll();
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
