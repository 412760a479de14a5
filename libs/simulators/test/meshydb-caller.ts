import { afterEach } from '@jest/globals';
import {
  MESHYDB_ACCOUNTS,
  MESHYDB_PUBLIC_KEYS,
  MESHYDB_USERS,
  type MeshydbOptions,
  type MeshydbSimulator,
  startMeshydb,
} from '../src/index.ts';
import { type Answer, call, dig } from './opticloud-caller.ts';

export const MESHY_START = Date.UTC(2026, 2, 1, 12, 0, 0);

/** Small, silent, standing still at a known time, on ports the system chooses. */
export const startStill = (options: MeshydbOptions = {}): Promise<MeshydbSimulator> =>
  startMeshydb({
    port: 0,
    authPort: 0,
    controlPort: 0,
    devices: 0,
    workOrders: 0,
    historyMs: 0,
    cadenceMs: 10_000,
    retentionMs: 0,
    clock: { startAt: MESHY_START, speed: 0 },
    ...options,
  });

/** A form to the auth host, as the vendor's document shows it. */
export const postForm = (sim: MeshydbSimulator, path: string, form: Record<string, string>): Promise<Answer> =>
  call(`${sim.authUrl}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });

export const askToken = (sim: MeshydbSimulator, form: Record<string, string>): Promise<Answer> =>
  postForm(sim, `${MESHYDB_ACCOUNTS.demo}/connect/token`, { client_id: MESHYDB_PUBLIC_KEYS.demo, ...form });

/** The log-in of the demonstration's user; what is given takes the place of what it sends. */
export const logIn = (sim: MeshydbSimulator, form: Record<string, string> = {}): Promise<Answer> =>
  askToken(sim, {
    grant_type: 'password',
    ...MESHYDB_USERS.registered,
    scope: 'meshy.api offline_access',
    ...form,
  });

export async function accessToken(sim: MeshydbSimulator, form: Record<string, string> = {}): Promise<string> {
  return String(dig((await logIn(sim, form)).json, 'access_token'));
}

export interface Asked {
  method?: string;
  body?: unknown;
  query?: Record<string, string>;
  headers?: Record<string, string>;
}

/** Requests of one user to the API host. */
export async function caller(sim: MeshydbSimulator, form: Record<string, string> = {}) {
  const token = await accessToken(sim, form);
  return (path: string, { method = 'GET', body, query = {}, headers = {} }: Asked = {}): Promise<Answer> => {
    const asked = Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`;
    return call(`${sim.url}/${MESHYDB_ACCOUNTS.demo}/${path}${asked}`, {
      method,
      headers: {
        authentication: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
}

export type Ask = Awaited<ReturnType<typeof caller>>;

/** Starts simulators for the tests of one file, and stops each after its test. */
export function stillSimulators(): (options?: MeshydbOptions) => Promise<{ sim: MeshydbSimulator; ask: Ask }> {
  const running: MeshydbSimulator[] = [];
  afterEach(() => Promise.all(running.splice(0).map((sim) => sim.stop())));
  return async (options = {}) => {
    const sim = await startStill(options);
    running.push(sim);
    return { sim, ask: await caller(sim) };
  };
}
