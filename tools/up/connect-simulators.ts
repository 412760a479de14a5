import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatorAddress } from '@tributary/testing/harness';
import { SetupProblem } from './progress.ts';

interface ConnectionItem {
  id: string;
  name: string;
  platform: string;
}

export interface ConnectOptions {
  apiUrl: string;
  key: string;
  simulators: SimulatorAddress[];
  /** Platforms whose adapter runs here; a simulator without an adapter is left out. */
  platforms: readonly string[];
  signal: AbortSignal;
}

const ANNOUNCED_PATIENCE_MS = 30_000;
const REQUEST_DEADLINE_MS = 15_000;

/** One connection per simulator, made or brought up to date. */
export async function connectSimulators(options: ConnectOptions): Promise<void> {
  const { apiUrl, key, platforms } = options;
  const call = caller(apiUrl, key);
  const simulators = options.simulators.filter((s) => platforms.includes(s.platform));
  await untilAnnounced(call, simulators, options.signal);
  const { items } = (await call('GET', '/v1/connections?limit=1000')).body as { items: ConnectionItem[] };
  for (const { demoConnection } of simulators) {
    const existing = items.find((c) => c.platform === demoConnection.platform && c.name === demoConnection.name);
    if (existing) await refresh(call, existing, demoConnection);
    else await call('POST', '/v1/connections', demoConnection, { 'idempotency-key': crypto.randomUUID() });
  }
}

/** A simulator may have another port than at the last start, and the sealing keys may be new. */
async function refresh(
  call: Call,
  existing: ConnectionItem,
  { settings, credentials }: SimulatorAddress['demoConnection'],
): Promise<void> {
  const path = `/v1/connections/${existing.id}`;
  const { etag } = await call('GET', path);
  const headers = { 'if-match': etag ?? '*', 'content-type': 'application/merge-patch+json' };
  await call('PATCH', path, { settings, credentials }, headers);
}

/** Adapters announce their platform when they start; that may be a moment after they are ready. */
async function untilAnnounced(call: Call, simulators: SimulatorAddress[], signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + ANNOUNCED_PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    const { items } = (await call('GET', '/v1/platforms')).body as { items: { id: string }[] };
    const silent = simulators.map((s) => s.platform).filter((id) => !items.some((p) => p.id === id));
    if (silent.length === 0) return;
    if (performance.now() > deadline)
      throw new SetupProblem(`The api does not know of ${silent.join(', ')}: the adapter has not announced itself.`);
    await delay(100);
  }
}

type Call = ReturnType<typeof caller>;

function caller(apiUrl: string, key: string) {
  return async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(apiUrl + path, {
      method,
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new SetupProblem(`${method} ${path} was answered with ${answer.status}: ${text}`);
    return { body: text === '' ? undefined : (JSON.parse(text) as unknown), etag: answer.headers.get('etag') };
  };
}
