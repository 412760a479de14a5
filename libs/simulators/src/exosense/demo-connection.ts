import type { DemoConnection } from '../kit/simulator.ts';
import { TOKENS } from './accounts.ts';
import { DEFAULT_PORTS } from './options.ts';

/** The token that may do everything, everywhere. */
export const exosenseDemoConnection = (baseUrl = `http://127.0.0.1:${DEFAULT_PORTS.api}`): DemoConnection => ({
  platform: 'exosense',
  name: 'ExoSense (simulated)',
  settings: { baseUrl },
  credentials: { token: TOKENS.admin },
});
