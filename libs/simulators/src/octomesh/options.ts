import { SHARED_DEFAULTS, type SimulatorOptions } from '../kit/simulator-options.ts';

/** What can be set about the simulated OctoMesh. */
export interface OctomeshOptions extends SimulatorOptions {
  /** Identity service; 0 lets the system choose. */
  identityPort: number;
  /** Asset repository and REST. */
  port: number;
  /** Energy meters of the first tenant. */
  devices: number;
  /** Water meters of the first tenant: a second type with a stream of its own; the library is there when there are any. */
  waterMeters: number;
  /** Energy meters of the second tenant. */
  otherDevices: number;
  /** Measured attributes of a reading. */
  signalsPerDevice: number;
  /** Rows that are already there when the simulator starts; they are computed, not stored. */
  historyMs: number;
  /** How long a new row cannot be seen by queries. */
  visibleAfterMs: number;
  tokenLifeMs: number;
  idTokenLifeMs: number;
  codeLifeMs: number;
  refreshTokenLifeMs: number;
  /** Requests per rolling window and client. */
  limits: { queries: number; mutations: number; uploads: number; windowMs: number };
  /** Largest file that is taken. */
  maxFileBytes: number;
  /** Where the browser clients may be sent back to; `*` stands for anything in a path, a loopback address for any port. */
  redirectUris: string[];
  /** whether a foreign tenant is refused with the GraphQL envelope instead of an empty body. */
  forbiddenEnvelope: boolean;
  /** AMB-O-14: whether associations can be removed, which the documentation does not offer. */
  removesAssociations: boolean;
}

export const DEFAULT_PORTS = { identity: 4730, assets: 4731, control: 4739 } as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const defaultOptions: OctomeshOptions = {
  ...SHARED_DEFAULTS,
  identityPort: DEFAULT_PORTS.identity,
  port: DEFAULT_PORTS.assets,
  controlPort: DEFAULT_PORTS.control,
  devices: 100,
  waterMeters: 0,
  otherDevices: 3,
  signalsPerDevice: 5,
  historyMs: HOUR,
  retentionMs: 6 * HOUR,
  visibleAfterMs: 0,
  tokenLifeMs: HOUR,
  idTokenLifeMs: 5 * MINUTE,
  codeLifeMs: 5 * MINUTE,
  refreshTokenLifeMs: 15 * 24 * HOUR,
  limits: { queries: 100, mutations: 50, uploads: 10, windowMs: MINUTE },
  maxFileBytes: 10 * 1024 * 1024,
  redirectUris: ['http://127.0.0.1/*', 'http://localhost/*', 'http://[::1]/*', 'https://my-app.example.com/callback'],
  forbiddenEnvelope: false,
  removesAssociations: false,
};
