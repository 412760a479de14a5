import { SHARED_DEFAULTS, type SimulatorOptions } from '../kit/simulator-options.ts';
import type { TenantDescription } from './accounts.ts';

/** What can be set about the simulated MeshyDB. */
export interface MeshydbOptions extends SimulatorOptions {
  /** Users, meshes, roles; 0 lets the system choose. */
  port: number;
  /** Tokens. */
  authPort: number;
  /** Devices whose readings are documents. */
  devices: number;
  /** Value fields of a reading. */
  signalsPerDevice: number;
  /** Form of the time field of readings. */
  timeUnit: TimeUnit;
  /** A reading that is sent twice, or corrected, is a further document. */
  irregular: SimulatorOptions['irregular'];
  /**
   * Machines behind the vendor's address that make ids. Within a second their ids are in no order: with more than one
   * a document may appear before another that is there already, and a correction right after its original may have the
   * smaller id.
   */
  writers: number;
  /** Business documents of the mesh `workorder`. */
  workOrders: number;
  /** How often a work order is changed, opened or removed by itself; 0 never. */
  changesEveryMs: number;
  /** Life of an access token; told in whole seconds. */
  tokenLifeMs: number;
  /** Life of each refresh token from its issue. */
  refreshTokenLifeMs: number;
  /** Whether a refresh token is good once and a new one comes with each refresh. */
  rotation: boolean;
  /** A used refresh token that is shown again: refused alone, or all that came of the same log-in die with it. */
  reuse: 'refuse' | 'revoke-family';
  anonymousRegistration: boolean;
  /** What the later pages describe: more of users, many documents at once, roles, projections. */
  extended: boolean;
  /** Whether permissions are asked for; without them every user may do everything. */
  roles: boolean;
  verification: 'none' | 'email' | 'text' | 'question';
  limits: MeshydbLimits;
  /** Beside those that there always are; an account that is not known comes into being. */
  moreTenants: readonly TenantDescription[];
}

export type TimeUnit = 'ms' | 's' | 'iso';

export interface MeshydbLimits {
  /** Requests of an account per rolling window, over both hosts; 0 is no limit. */
  requests: number;
  windowMs: number;
  /** Whether a refusal says how long to wait. */
  retryAfter: boolean;
}

export const DEFAULT_PORTS = { api: 4750, auth: 4751, control: 4759 } as const;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const defaultOptions: MeshydbOptions = {
  ...SHARED_DEFAULTS,
  port: DEFAULT_PORTS.api,
  authPort: DEFAULT_PORTS.auth,
  controlPort: DEFAULT_PORTS.control,
  devices: 50,
  signalsPerDevice: 6,
  historyMs: 5 * MINUTE,
  retentionMs: HOUR,
  timeUnit: 'ms',
  writers: 1,
  workOrders: 200,
  changesEveryMs: 0,
  tokenLifeMs: HOUR,
  refreshTokenLifeMs: 30 * DAY,
  rotation: true,
  reuse: 'revoke-family',
  anonymousRegistration: true,
  extended: true,
  roles: false,
  verification: 'none',
  limits: { requests: 0, windowMs: MINUTE, retryAfter: false },
  moreTenants: [],
};

/** Members that are objects can be given in part. */
export type GivenOptions = Partial<Omit<MeshydbOptions, 'limits' | 'irregular'>> & {
  limits?: Partial<MeshydbLimits>;
  irregular?: Partial<MeshydbOptions['irregular']>;
};

export const withDefaults = (given: GivenOptions): MeshydbOptions => ({
  ...defaultOptions,
  ...given,
  limits: { ...defaultOptions.limits, ...given.limits },
  irregular: { ...defaultOptions.irregular, ...given.irregular },
});
