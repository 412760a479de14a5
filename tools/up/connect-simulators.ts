import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type Schemas, type TributaryClient, TributaryError } from '@tributary/client';
import type { SimulatorAddress } from '@tributary/testing/harness';
import { SetupProblem } from './progress.ts';

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
export async function connectSimulators({ apiUrl, key, platforms, simulators, signal }: ConnectOptions): Promise<void> {
  const api = createClient({ url: apiUrl, key, timeoutMs: REQUEST_DEADLINE_MS });
  const wanted = simulators.filter((s) => platforms.includes(s.platform));
  try {
    await untilAnnounced(api, wanted, signal);
    const connections = await api.list('/v1/connections', { signal }).all();
    for (const { demoConnection } of wanted) await connect(api, demoConnection, { connections, signal });
  } catch (error) {
    if (error instanceof TributaryError) throw new SetupProblem(error.message);
    throw error;
  }
}

interface Known {
  connections: Schemas['Connection'][];
  signal: AbortSignal;
}

/** A simulator may have another port than at the last start, and the sealing keys may be new. */
async function connect(
  api: TributaryClient,
  demo: SimulatorAddress['demoConnection'],
  { connections, signal }: Known,
): Promise<void> {
  const { platform, name, credentials } = demo;
  const settings = demo.settings as Schemas['Connection']['settings'];
  const existing = connections.find((c) => c.platform === platform && c.name === name);
  if (!existing) {
    await api.post('/v1/connections', { body: { platform, name, settings, credentials }, signal });
    return;
  }
  const at = { path: { connectionId: existing.id }, signal };
  await api.change('/v1/connections/{connectionId}', at, () => ({ settings, credentials }));
}

/** Adapters announce their platform when they start; that may be a moment after they are ready. */
async function untilAnnounced(
  api: TributaryClient,
  simulators: SimulatorAddress[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + ANNOUNCED_PATIENCE_MS;
  for (;;) {
    const { items } = await api.get('/v1/platforms', { signal });
    const silent = simulators.map((s) => s.platform).filter((id) => !items.some((p) => p.id === id));
    if (silent.length === 0) return;
    if (performance.now() > deadline)
      throw new SetupProblem(`The api does not know of ${silent.join(', ')}: the adapter has not announced itself.`);
    await delay(100);
  }
}
