/** What can be set about the simulated optiCLOUD. */
export interface OpticloudOptions {
  host: string;
  /** REST; 0 lets the system choose. */
  port: number;
  mqttPort: number;
  controlPort: number;
  /** Devices of the first tenant. */
  devices: number;
  /** Devices of the second tenant. */
  otherDevices: number;
  signalsPerDevice: number;
  cadenceMs: number;
  /** Data that is already there when the simulator starts. */
  historyMs: number;
  /** Older data is forgotten, by the platform and by the ground truth; 0 keeps everything. */
  retentionMs: number;
  /** Whether data is produced by itself from the start. */
  producing: boolean;
  seed: number;
  /** Share of snapshots that come late, twice, swapped with the next, or are corrected afterwards. */
  irregular: { late: number; duplicate: number; swapped: number; corrected: number };
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
  clock: { startAt?: number; speed?: number };
  journalCapacity: number;
}

export const DEFAULT_PORTS = { rest: 4710, mqtt: 4711, control: 4719 } as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const defaultOptions: OpticloudOptions = {
  host: '127.0.0.1',
  port: DEFAULT_PORTS.rest,
  mqttPort: DEFAULT_PORTS.mqtt,
  controlPort: DEFAULT_PORTS.control,
  devices: 250,
  otherDevices: 12,
  signalsPerDevice: 10,
  cadenceMs: 10_000,
  historyMs: 5 * MINUTE,
  retentionMs: HOUR,
  producing: true,
  seed: 1,
  irregular: { late: 0.01, duplicate: 0.01, swapped: 0.01, corrected: 0.01 },
  heartbeatMs: MINUTE,
  fileEveryMs: 15 * MINUTE,
  filesPerDevice: 8,
  tokenLifeMs: 2.5 * HOUR,
  refreshTokenLifeMs: 7 * 24 * HOUR,
  downloadTokenLifeMs: 10 * MINUTE,
  zipSingleFile: false,
  inclusiveRangeEnd: false,
  rpcTimeoutMs: 10_000,
  clock: {},
  journalCapacity: 50_000,
};
