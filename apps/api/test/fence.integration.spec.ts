import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeWorld, type Seeded, seed, type World } from './world/world.ts';

/** Every condition on the workspace is taken out of the statements: what still keeps workspaces apart is the database. */
const CONDITION = /(?:\b\w+\.)?workspace_id = (\$\d+)(?:::text)?/g;

let world: World;
let ant: { token: string; ids: Seeded };
let bee: { token: string; ids: Seeded };
let forgotten = 0;

beforeAll(async () => {
  world = await makeWorld({ poolSize: 2 });
  world.house.db.pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    const careless = (first: unknown, ...rest: unknown[]) => query(forget(first), ...rest);
    client.query = careless as typeof client.query;
  });
  ant = { token: await world.key('ant'), ids: await seed(world, 'ant') };
  bee = { token: await world.key('bee'), ids: await seed(world, 'bee') };
});
afterAll(async () => {
  await world.close();
});

function forget(statement: unknown): unknown {
  if (typeof statement === 'string') return cut(statement);
  const { text } = statement as { text?: string };
  if (typeof text === 'string') (statement as { text: string }).text = cut(text);
  return statement;
}

function cut(text: string): string {
  return text.replace(CONDITION, (_, place: string) => {
    forgotten += 1;
    return `${place}::text is not null`;
  });
}

const get = (url: string, token: string) =>
  world.fastify.inject({ url, headers: { authorization: `Bearer ${token}` } });

const LISTS = [
  '/v1/connections',
  '/v1/devices',
  '/v1/spaces',
  '/v1/series',
  '/v1/telemetry/latest',
  '/v1/commands',
  '/v1/files',
  '/v1/parked-messages',
  '/v1/parked-messages/jobs',
  '/v1/api-keys',
];
const single = (ids: Seeded): string[] => [
  `/v1/connections/${ids.connectionId}`,
  `/v1/devices/${ids.deviceId}`,
  `/v1/devices/${ids.deviceId}/attributes`,
  `/v1/spaces/${ids.spaceId}`,
  `/v1/series/${ids.seriesId}`,
  `/v1/series/${ids.seriesId}/points`,
  `/v1/commands/${ids.commandId}`,
  `/v1/files/${ids.fileId}`,
  `/v1/parked-messages/${ids.parkedId}`,
  `/v1/parked-messages/jobs/${ids.jobId}`,
];

describe('an api that forgot every condition on the workspace', () => {
  it('still shows each caller what is his, whichever connection to the database serves him', async () => {
    const rounds = Array.from({ length: 5 }, () => LISTS).flat();
    const asked = rounds.flatMap((url) => [
      { url, mine: ant, other: bee },
      { url, mine: bee, other: ant },
    ]);
    const answers = await Promise.all(asked.map(({ url, mine }) => get(url, mine.token)));
    for (const [index, { url, mine, other }] of asked.entries()) {
      const { statusCode, body } = answers[index] ?? { statusCode: 0, body: '' };
      expect({ url, statusCode }).toEqual({ url, statusCode: 200 });
      const own = Object.values(mine.ids).some((id) => body.includes(id));
      const foreign = Object.values(other.ids).filter((id) => body.includes(id));
      expect({ url, own: own || url === '/v1/api-keys', foreign }).toEqual({ url, own: true, foreign: [] });
    }
    expect(forgotten).toBeGreaterThan(50);
  });

  it('finds nothing of another workspace by its id', async () => {
    for (const url of single(bee.ids)) {
      expect({ url, status: (await get(url, bee.token)).statusCode }).toEqual({ url, status: 200 });
      expect({ url, status: (await get(url, ant.token)).statusCode }).toEqual({ url, status: 404 });
    }
  });

  it('changes nothing of another workspace', async () => {
    const url = `/v1/connections/${bee.ids.connectionId}`;
    const headers = { authorization: `Bearer ${ant.token}`, 'if-match': '*' };
    expect((await world.fastify.inject({ method: 'DELETE', url, headers })).statusCode).toBe(404);
    const cancelled = await world.fastify.inject({
      method: 'POST',
      url: `/v1/commands/${bee.ids.commandId}:cancel`,
      headers,
    });
    expect(cancelled.statusCode).toBe(404);
    const { rows } = await world.db.pool.query(
      `select (select removed_at from connection where id = $1), (select state from command where id = $2)`,
      [bee.ids.connectionId, bee.ids.commandId],
    );
    expect(rows).toEqual([{ removed_at: null, state: 'accepted' }]);
  });

  it('streams an answer to its end on behalf of whom it began for', async () => {
    await world.db.pool.query(
      `insert into point (series_id, ts, rev, number) select $1, now() - i * interval '1 ms', 1, i from generate_series(1, 12000) i`,
      [bee.ids.seriesId.slice('ser_'.length)],
    );
    const asked = Array.from({ length: 6 }, (_, n) =>
      world.fastify.inject({
        url: `/v1/series/${bee.ids.seriesId}/points`,
        headers: { authorization: `Bearer ${n % 2 ? ant.token : bee.token}`, accept: 'text/csv' },
      }),
    );
    const answers = await Promise.all(asked);
    for (const [n, answer] of answers.entries()) {
      expect(answer.statusCode).toBe(n % 2 ? 404 : 200);
      if (n % 2 === 0) expect(answer.body.split('\r\n')).toHaveLength(12_000 + 2);
    }
  });
});
