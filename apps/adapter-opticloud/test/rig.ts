import { type Connected, connectAdapter, discover } from '@tributary/adapter-kit/testing';
import { type OpticloudOptions, type OpticloudSimulator, startOpticloud } from '@tributary/simulators';
import { adapter } from '../src/adapter.ts';

export { collect, discover, never, pointsBy, run } from '@tributary/adapter-kit/testing';

export interface Rig extends Connected {
  simulator: OpticloudSimulator;
  /** Native ids of a finished discovery, also remembered by the kit. */
  discover(): Promise<string[]>;
  /** Another connection to the same simulator. */
  connect(settings?: Record<string, unknown>, credentials?: Record<string, string>): Connected;
  stop(): Promise<void>;
}

/** The adapter on a real kit, against a real simulator, in one process. */
export async function startRig(
  options: Partial<OpticloudOptions> = {},
  settings: Record<string, unknown> = {},
): Promise<Rig> {
  const simulator = await startOpticloud({
    devices: 3,
    otherDevices: 1,
    port: 0,
    mqttPort: 0,
    controlPort: 0,
    ...options,
  });
  const open: Connected[] = [];
  const connect: Rig['connect'] = (more = {}, credentials = simulator.demoConnection.credentials) => {
    const all = { ...simulator.demoConnection.settings, ...settings, ...more };
    const connected = connectAdapter(adapter, { settings: all, credentials });
    open.push(connected);
    return connected;
  };
  const first = connect();
  return {
    ...first,
    simulator,
    connect,
    discover: () => discover(first),
    stop: async () => {
      for (const connected of open) await connected.access.close();
      await simulator.stop();
    },
  };
}
