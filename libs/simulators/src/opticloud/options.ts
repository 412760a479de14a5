import { SHARED_DEFAULTS, type SimulatorOptions } from '../kit/simulator-options.ts';

/** What can be set about the simulated optiCLOUD. */
export interface OpticloudOptions extends SimulatorOptions {
  /** REST; 0 lets the system choose. */
  port: number;
  mqttPort: number;
  /** Devices of the first tenant. */
  devices: number;
  /** Devices of the second tenant. */
  otherDevices: number;
  signalsPerDevice: number;
  /** How often a simulated device calls in. */
  heartbeatMs: number;
  /** How often a simulated device closes a measurement file. */
  fileEveryMs: number;
  filesPerDevice: number;
  tokenLifeMs: number;
  refreshTokenLifeMs: number;
  downloadTokenLifeMs: number;
  /** AMB-4: whether a single file comes as a ZIP too. */
  zipSingleFile: boolean;
  /** Whether a range query includes its end. */
  inclusiveRangeEnd: boolean;
  rpcTimeoutMs: number;
}

export const DEFAULT_PORTS = { rest: 4710, mqtt: 4711, control: 4719 } as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const defaultOptions: OpticloudOptions = {
  ...SHARED_DEFAULTS,
  port: DEFAULT_PORTS.rest,
  mqttPort: DEFAULT_PORTS.mqtt,
  controlPort: DEFAULT_PORTS.control,
  devices: 250,
  otherDevices: 12,
  signalsPerDevice: 10,
  historyMs: 5 * MINUTE,
  retentionMs: HOUR,
  heartbeatMs: MINUTE,
  fileEveryMs: 15 * MINUTE,
  filesPerDevice: 8,
  tokenLifeMs: 2.5 * HOUR,
  refreshTokenLifeMs: 7 * 24 * HOUR,
  downloadTokenLifeMs: 10 * MINUTE,
  zipSingleFile: false,
  inclusiveRangeEnd: false,
  rpcTimeoutMs: 10_000,
};
