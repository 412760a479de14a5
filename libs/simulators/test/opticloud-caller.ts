import { type OpticloudOptions, type OpticloudSimulator, startOpticloud } from '../src/index.ts';

export const START = Date.UTC(2026, 2, 1, 12, 0, 0);

/** Small, silent, standing still at a known time, on ports the system chooses. */
export const startQuiet = (options: Partial<OpticloudOptions> = {}): Promise<OpticloudSimulator> =>
  startOpticloud({
    port: 0,
    mqttPort: 0,
    controlPort: 0,
    devices: 25,
    otherDevices: 3,
    historyMs: 60_000,
    retentionMs: 0,
    clock: { startAt: START, speed: 0 },
    ...options,
  });

export const VENDOR_ACCEPT = 'text/html, application/json, application/xhtml+xml, application/xml;q=0.9';

export interface Answer {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
  json: unknown;
}

/** A member deep inside an answer; undefined where there is none. */
export const dig = (value: unknown, ...path: Array<string | number>): unknown =>
  path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string | number, unknown>)[step] : undefined),
    value,
  );

/** A list inside an answer. */
export function list(value: unknown, ...path: Array<string | number>): unknown[] {
  const found = dig(value, ...path);
  if (!Array.isArray(found)) throw new TypeError(`no list at ${path.join('.')}: ${JSON.stringify(value)}`);
  return found;
}

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, bytes, text, json };
}

/** A user's script, as the vendor's document shows it. */
export class Caller {
  constructor(
    readonly url: string,
    readonly headers: Record<string, string>,
    readonly tenantId: string,
  ) {}

  static async logIn(
    sim: OpticloudSimulator,
    user: { username: string; password: string },
    tenantName = 'MyTenant',
  ): Promise<Caller> {
    const entries = await postJson(`${sim.url}/api/noauth/authorization`, user);
    const entry = list(entries.json).find((one) => dig(one, 'tenant', 'name') === tenantName);
    const authorityId = dig(entry, 'authorityId', 'id');
    const login = await postJson(`${sim.url}/api/auth/login`, { ...user, authorityId });
    const headers = { 'X-Authorization': `Bearer ${dig(login.json, 'token')}`, Accept: VENDOR_ACCEPT };
    return new Caller(sim.url, headers, String(dig(entry, 'tenant', 'id', 'id')));
  }

  get(
    path: string,
    query: Record<string, string | number> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const search = new URLSearchParams(
      Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
    );
    return call(`${this.url}${path}${search.size > 0 ? `?${search}` : ''}`, {
      headers: { ...this.headers, ...headers },
    });
  }

  post(path: string, body: unknown): Promise<Answer> {
    return postJson(`${this.url}${path}`, body, this.headers);
  }

  delete(path: string): Promise<Answer> {
    return call(`${this.url}${path}`, { method: 'DELETE', headers: this.headers });
  }
}

export const postJson = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  call(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** The device at a position of the scenario. */
export function deviceAt(sim: OpticloudSimulator, index: number) {
  const device = sim.state.devices().find((one) => one.index === index);
  if (!device) throw new RangeError(`no device ${index}`);
  return device;
}
