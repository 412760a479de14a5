import { bootSimulator, layFoundation, openDoor } from '../kit/boot.ts';
import { handleCuts, handleOutages } from '../kit/gate-faults.ts';
import type { Simulator } from '../kit/simulator.ts';
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
  const foundation = layFoundation(options);
  const { clock, truth, faults, journal } = foundation;
  const state = new MeshydbState(options, clock, truth);
  const scenario = new MeshydbScenario(state);
  const kit = { faults, journal };
  return bootSimulator({
    foundation,
    control: options,
    open: async (doors) => {
      const { host, authPort } = options;
      const api = await openDoor(doors, createApiServer(state, kit), options);
      const auth = await openDoor(doors, createAuthServer(state, kit), { host, port: authPort });
      faults.handle('expire-tokens', () => void state.access.expireAll());
      handleCuts(faults, { api, auth });
      handleOutages(faults, { api, auth });
      const url = `http://${host}:${api.port}`;
      const authUrl = `http://${host}:${auth.port}`;
      return {
        platform: 'meshydb',
        url,
        authUrl,
        addresses: { authUrl },
        demoConnection: meshydbDemoConnection({ apiUrl: url, authUrl, mapping: state.mapping }),
        production: scenario.production,
        actions: meshydbActions({ state, scenario }),
        state,
        scenario,
      };
    },
    start: () => scenario.start(),
  });
}
