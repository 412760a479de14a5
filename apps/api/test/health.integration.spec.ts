import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TimeoutError } from '@tributary/contracts';
import { type BreakerChange, BreakerChanges, Inventory } from '@tributary/database';
import { eventually } from '@tributary/testing';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let call: ReturnType<typeof caller>;
let ids: Seeded;
let url: string;

beforeAll(async () => {
  world = await makeWorld();
  ids = await seed(world, 'default');
  call = caller(world, await world.key('default'));
  url = `/v1/connections/${ids.connectionId}/health`;
});
afterAll(() => world.close());

const MINUTE = 60_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE);
let rev = 1n;

async function breaker(
  replica: string,
  from: BreakerChange['from'],
  to: BreakerChange['to'],
  { at = new Date(), code }: { at?: Date; code?: string } = {},
): Promise<void> {
  rev += 1n;
  const { connectionId } = ids;
  const change = { connectionId, class: 'read' as const, from, to, at, lastAt: at, times: 1, failures: 5, code, rev };
  await new BreakerChanges(world.db).add({ service: 'adapter', replica }, [change]);
}

async function says(action: 'connected' | 'degraded' | 'recovered', minutes: number, reason?: string): Promise<void> {
  rev += 1n;
  const { connectionId } = ids;
  const context = {
    eventId: '',
    workspace: 'default',
    platform: 'acme',
    connectionId,
    time: ago(minutes).toISOString(),
  };
  await new Inventory(world.db).applyConnection(context, action, {
    connectionId,
    rev: String(rev),
    ...(reason === undefined ? {} : { reason }),
  });
}

describe('the health of a connection', () => {
  it('shows the breakers of all replicas, and what led there, newest first', async () => {
    await says('connected', 100);
    await breaker('a', 'closed', 'open', { at: ago(60), code: 'timeout' });
    await says('degraded', 60, 'read: calls are paused after 5 failures in a row');
    for (const minutes of [58, 56, 54]) await breaker('a', 'open', 'half-open', { at: ago(minutes) });
    await breaker('a', 'half-open', 'closed', { at: ago(50) });
    await says('recovered', 50);
    await breaker('b', 'closed', 'open', { code: 'unavailable' });
    const health = (await call('GET', url)).json();
    expect(health).toMatchObject({ stale: false, status: 'connected', breakers: [] });
    expect(health.replicas).toMatchObject([
      { service: 'adapter', replica: 'a', class: 'read', state: 'closed' },
      { service: 'adapter', replica: 'b', class: 'read', state: 'open', code: 'unavailable', failures: 5 },
    ]);
    expect(health.history).toMatchObject([
      { kind: 'breaker', to: 'open', replica: 'b' },
      { kind: 'status', from: 'degraded', to: 'connected', durationMs: expect.any(Number) },
      { kind: 'breaker', to: 'closed', replica: 'a' },
      { kind: 'breaker', to: 'half-open', times: 3 },
      { kind: 'status', to: 'degraded', reason: 'read: calls are paused after 5 failures in a row' },
      { kind: 'breaker', from: 'closed', to: 'open', code: 'timeout' },
      { kind: 'status', to: 'connected' },
    ]);
    const degraded = health.history[4].durationMs / MINUTE;
    expect(degraded).toBeGreaterThan(9.9);
    expect(degraded).toBeLessThan(10.1);
  });

  it('is read page by page, and by what it tells', async () => {
    const ids: string[] = [];
    for (let next: string | undefined = `${url}/history?limit=2`; next; ) {
      const page = await call('GET', next);
      ids.push(...page.json().items.map(({ id }: { id: string }) => id));
      next = /<([^>]+)>/.exec(String(page.headers.link ?? ''))?.[1];
    }
    expect(new Set(ids).size).toBe(7);
    const filter = encodeURIComponent('kind eq "status" and to eq "degraded"');
    expect((await call('GET', `${url}/history?filter=${filter}`)).json().items).toHaveLength(1);
    const stranger = caller(world, await world.key('another'));
    expect((await stranger('GET', `${url}/history`)).statusCode).toBe(404);
  });

  it('is what was last told, marked stale, while the adapter does not answer, and tells of the own breaker', async () => {
    await breaker('b', 'half-open', 'open', { code: 'unavailable' });
    const usual = world.platform.handlers['connection.health'];
    world.platform.handlers['connection.health'] = async () => {
      throw new TimeoutError('silence');
    };
    let health = (await call('GET', url)).json();
    expect(health).toMatchObject({ stale: true, breakers: [{ class: 'read', state: 'open', code: 'unavailable' }] });
    for (let i = 0; i < 5; i += 1) health = (await call('GET', url)).json();
    await eventually('the api tells of its own', async () => {
      health = (await call('GET', url)).json();
      return health.replicas.some(({ service }: { service: string }) => service === 'api');
    });
    expect(health.replicas).toContainEqual(
      expect.objectContaining({
        service: 'api',
        class: 'read',
        state: 'open',
        code: 'timeout',
        failures: expect.any(Number),
      }),
    );
    expect(health.history[0]).toMatchObject({ kind: 'breaker', service: 'api', to: 'open', code: 'timeout' });
    if (usual) world.platform.handlers['connection.health'] = usual;
  });
});
