import { bootSimulator, layFoundation, openDoor } from '../kit/boot.ts';
import { handleCuts, handleOutages } from '../kit/gate-faults.ts';
import type { Simulator } from '../kit/simulator.ts';
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
  const foundation = layFoundation(options);
  const { clock, truth, faults, journal } = foundation;
  const state = new OctomeshState(options, clock, truth, await Identity.create(clock, options));
  const past = new HistoryTruth();
  const scenario = new OctomeshScenario(state, past);
  truth.beginWith(past);
  const kit = { clock, faults, journal };
  return bootSimulator({
    foundation,
    control: options,
    open: async (doors) => {
      const { host, identityPort } = options;
      const identity = await openDoor(doors, createIdentityServer(state.identity, kit), { host, port: identityPort });
      const assets = await openDoor(doors, createAssetServer(state, kit), options);
      faults.handle('expire-tokens', () => void state.identity.tokens.expireAll());
      handleCuts(faults, { identity, assets });
      handleOutages(faults, { identity, assets });
      const identityUrl = `http://${host}:${identity.port}`;
      const url = `http://${host}:${assets.port}`;
      state.identity.tokens.issuer = `${identityUrl}/`;
      return {
        platform: 'octomesh',
        url,
        identityUrl,
        addresses: { identityUrl },
        demoConnection: octomeshDemoConnection({ identityUrl, assetUrl: url }),
        production: scenario.production,
        actions: octomeshActions(state, scenario),
        state,
        scenario,
      };
    },
    start: () => scenario.start(),
  });
}
