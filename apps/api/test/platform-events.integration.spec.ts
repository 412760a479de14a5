import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inventory } from '@tributary/database';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let ids: Seeded;
let token: string;

const START_MS = Date.parse('2026-03-29T00:00:00Z');

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('default');
  ids = await seed(world, 'default');
  const inventory = new Inventory(world.db);
  for (let n = 0; n < 9; n += 1) {
    // Three share each moment: the order must be total all the same.
    const time = new Date(START_MS + Math.floor(n / 3) * 1_000).toISOString();
    await inventory.applyPlatformEvent(
      { eventId: randomUUID(), workspace: 'default', platform: 'acme', connectionId: ids.connectionId, time },
      {
        name: n % 2 ? 'device.ping' : 'device.reboot',
        ts: time,
        details: { n },
        ...(n < 6 ? { deviceId: ids.deviceId, nativeId: 'd 1/ü' } : {}),
      },
    );
  }
});
afterAll(async () => {
  await world.close();
});

const get = (query: Record<string, string> = {}, bearer = token) =>
  world.fastify.inject({
    url: `/v1/platform-events?${new URLSearchParams(query)}`,
    headers: { authorization: `Bearer ${bearer}` },
  });
interface Item {
  id: string;
  ts: string;
  details: { n: number };
}

describe('platform events', () => {
  it('come newest first, each once, page by page', async () => {
    const seen: Item[] = [];
    let cursor: string | undefined;
    do {
      const page = (await get({ limit: '2', ...(cursor ? { cursor } : {}) })).json();
      seen.push(...page.items);
      cursor = page.page.nextCursor;
    } while (cursor);
    expect(new Set(seen.map((item) => item.id)).size).toBe(9);
    expect(seen).toHaveLength(9);
    expect(seen.map((item) => item.ts)).toEqual(
      seen
        .map((item) => item.ts)
        .toSorted()
        .toReversed(),
    );
    const oldest = (await get({ sort: 'ts', limit: '3' })).json();
    expect(oldest.items.map((item: Item) => item.details.n).sort()).toEqual([0, 1, 2]);
  });

  it('are filtered by device, connection, name and time', async () => {
    const count = async (filter: string) => (await get({ filter, count: 'true' })).json().page.total;
    expect(await count(`deviceId eq "${ids.deviceId}"`)).toBe(6);
    expect(await count(`connectionId eq "${ids.connectionId}" and name eq "device.ping"`)).toBe(4);
    expect(await count(`connectionId eq "con_${'a'.repeat(26)}"`)).toBe(0);
    expect(await count('ts ge "2026-03-29T00:00:01Z" and ts lt "2026-03-29T00:00:02Z"')).toBe(3);
    expect(await count('details.n gt 6')).toBe(2);
    expect((await get({ fields: 'name,ts', filter: 'details.n eq 8' })).json().items).toEqual([
      { name: 'device.reboot', ts: '2026-03-29T00:00:02.000Z' },
    ]);
    expect((await get({ filter: 'nme pr' })).json()).toMatchObject({ status: 400 });
  });

  it('say which telemetry was missed for good', async () => {
    const gap = {
      from: '2026-03-28T10:00:00.000Z',
      to: '2026-03-28T11:00:00.000Z',
      reason: 'not kept',
      signal: 'power',
    };
    await new Inventory(world.db).applyPlatformEvent(
      {
        eventId: randomUUID(),
        workspace: 'default',
        platform: 'acme',
        connectionId: ids.connectionId,
        time: '2026-03-29T00:00:00.000Z',
      },
      { name: 'telemetry.gap', ts: gap.from, details: gap },
    );
    const filter = 'name eq "telemetry.gap" and details.signal eq "power" and details.to gt "2026-03-28T10:30:00.000Z"';
    expect((await get({ filter })).json().items).toMatchObject([
      { name: 'telemetry.gap', connectionId: ids.connectionId, ts: gap.from, details: gap },
    ]);
    const document = (await world.fastify.inject({ url: '/openapi.json' })).json();
    expect(document.paths['/v1/platform-events'].get.description).toContain('telemetry.gap');
    const events = (await world.fastify.inject({ url: '/asyncapi.json' })).json();
    expect(events.channels['platform-event'].description).toContain('telemetry.gap');
  });

  it('are nobody else’s', async () => {
    expect((await get({}, await world.key('other'))).json().items).toEqual([]);
  });
});
