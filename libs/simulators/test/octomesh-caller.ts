import { createHash } from 'node:crypto';
import { OCTOMESH_CLIENTS, type OctomeshOptions, type OctomeshSimulator, startOctomesh } from '../src/index.ts';
import { type Answer, call, dig } from './opticloud-caller.ts';

export const START = Date.UTC(2026, 2, 1, 12, 0, 0);

/** Small, silent, standing still at a known time, on ports the system chooses. */
export const startQuietOctomesh = (options: Partial<OctomeshOptions> = {}): Promise<OctomeshSimulator> =>
  startOctomesh({
    identityPort: 0,
    port: 0,
    controlPort: 0,
    devices: 25,
    otherDevices: 3,
    historyMs: 600_000,
    cadenceMs: 60_000,
    retentionMs: 0,
    producing: false,
    clock: { startAt: START, speed: 0 },
    ...options,
  });

export const postForm = (url: string, form: Record<string, string>, init: RequestInit = {}): Promise<Answer> =>
  call(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual', ...init });

export const askToken = (sim: OctomeshSimulator, form: Record<string, string>): Promise<Answer> =>
  postForm(`${sim.identityUrl}/connect/token`, form);

export interface Service {
  id: string;
  secret: string;
}

export async function serviceToken(
  sim: OctomeshSimulator,
  client: Service = OCTOMESH_CLIENTS.service,
  scope = 'octo_api',
): Promise<string> {
  const { json } = await askToken(sim, {
    grant_type: 'client_credentials',
    client_id: client.id,
    client_secret: client.secret,
    scope,
  });
  return String(dig(json, 'access_token'));
}

/** A service's script, as the vendor's document shows it. */
export class OctomeshCaller {
  constructor(
    readonly sim: OctomeshSimulator,
    readonly token: string,
    readonly tenant = 'my-tenant',
  ) {}

  static async logIn(
    sim: OctomeshSimulator,
    client: Service = OCTOMESH_CLIENTS.service,
    scope = 'octo_api',
  ): Promise<OctomeshCaller> {
    return new OctomeshCaller(sim, await serviceToken(sim, client, scope));
  }

  get graphqlUrl(): string {
    return `${this.sim.url}/tenants/${this.tenant}/graphql`;
  }

  query(query: string, variables?: Record<string, unknown>, operationName?: string): Promise<Answer> {
    return this.post(`/tenants/${this.tenant}/graphql`, { query, variables, operationName });
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  get(path: string): Promise<Answer> {
    return this.call(path);
  }

  call(path: string, init: RequestInit = {}): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, ...(init.headers as Record<string, string>) };
    return call(`${this.sim.url}${path}`, { ...init, headers });
  }
}

/** Follows a browser's way from the authorize address to where the application is called back. */
export async function logInByForm(start: URL, user: { username: string; password: string }): Promise<string> {
  const authorize = await call(start.href, { redirect: 'manual' });
  const page = new URL(authorize.headers.get('location') ?? '', start);
  const form = formOf((await call(page.href)).text);
  const answer = await postForm(new URL(form.action, page).href, { ...form.fields, ...user });
  return answer.headers.get('location') ?? '';
}

/** What a page's one form would send, and where to. */
export function formOf(html: string): { action: string; method: string; fields: Record<string, string> } {
  const form = /<form method="(\w+)" action="([^"]+)">/.exec(html);
  const fields = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return {
    method: form?.[1] ?? '',
    action: form?.[2] ?? '',
    fields: Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')])),
  };
}

/** A person's access token, by the browser's way. */
export async function userToken(
  sim: OctomeshSimulator,
  user: { username: string; password: string },
  scope = 'openid octo_api',
): Promise<string> {
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  const redirectUri = 'http://127.0.0.1:9/callback';
  const start = new URL(`${sim.identityUrl}/connect/authorize`);
  start.search = new URLSearchParams({
    response_type: 'code',
    client_id: OCTOMESH_CLIENTS.application.id,
    redirect_uri: redirectUri,
    scope,
    acr_values: 'tenant:my-tenant',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const code = new URL(await logInByForm(start, user)).searchParams.get('code') ?? '';
  const { json } = await askToken(sim, {
    grant_type: 'authorization_code',
    client_id: OCTOMESH_CLIENTS.application.id,
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  return String(dig(json, 'access_token'));
}
