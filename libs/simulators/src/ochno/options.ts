import { SHARED_DEFAULTS, type SimulatorOptions } from '../kit/simulator-options.ts';

/** What can be set about the simulated Ochno. */
export interface OchnoOptions extends SimulatorOptions {
  /** REST; 0 lets the system choose. */
  port: number;
  /** MQTT over TLS WebSocket. */
  mqttPort: number;
  /** Host name in `iotAccess`, and in the certificate. */
  publicHost: string;
  /** Replaces the whole `host` member of `iotAccess`, port and all, for tests that put a proxy between. */
  iotHost: string | undefined;
  /** Ports (sockets) that the demonstration account sees. */
  devices: number;
  /** Ports of a company that it does not see. */
  otherDevices: number;
  portsPerHub: number;
  /** Every so many messages of a port carry everything; the others only what is measured. */
  fullEvery: number;
  /** How often somebody plugs a phone or a laptop in or out, somewhere. */
  plugEveryMs: number;
  /** What metrics can tell of the time before the start. It was streamed to nobody and is not in the ground truth. */
  historyMs: number;
  /** Quality of service at which ports publish; a subscriber gets the lower of this and what it asked for. */
  portQos: 0 | 1;
  /** Whether the ground truth has points that no session was there to receive. */
  recordUnheard: boolean;
  tokenLifeMs: number;
  credentialLifeMs: number;
  /** How far `X-Amz-Date` may be off the scenario's clock. */
  signatureSkewMs: number;
  /** Ends sessions when the credentials that opened them expire. */
  dropOnExpiry: boolean;
  /** Longest life of a session. */
  sessionLimitMs: number;
  /** AMB-4: whether `iotAccess` also has `protocol` and `clientId`. */
  extendedIotAccess: boolean;
  /** Unacknowledged QoS 1 messages that a session may have under way; more wait. */
  maxInflight: number;
  /** How long a lamp takes to obey. */
  lampDelayMs: number;
}

export const DEFAULT_PORTS = { rest: 4720, mqtt: 4721, control: 4729 } as const;

/** AWS region in `iotAccess` and in every signature. */
export const REGION = 'eu-west-1';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const defaultOptions: OchnoOptions = {
  ...SHARED_DEFAULTS,
  port: DEFAULT_PORTS.rest,
  mqttPort: DEFAULT_PORTS.mqtt,
  controlPort: DEFAULT_PORTS.control,
  publicHost: 'localhost',
  iotHost: undefined,
  devices: 48,
  otherDevices: 4,
  portsPerHub: 4,
  fullEvery: 10,
  plugEveryMs: MINUTE,
  historyMs: 2 * HOUR,
  retentionMs: 6 * HOUR,
  irregular: { late: 0.002, duplicate: 0.005, swapped: 0.005, corrected: 0.002 },
  portQos: 0,
  recordUnheard: true,
  tokenLifeMs: HOUR,
  credentialLifeMs: HOUR,
  signatureSkewMs: 5 * MINUTE,
  dropOnExpiry: false,
  sessionLimitMs: 24 * HOUR,
  extendedIotAccess: false,
  maxInflight: 100,
  lampDelayMs: 0,
};
