import { afterEach, describe, expect, it } from '@jest/globals';
import { caller, startStill } from '../../test/meshydb-caller.ts';
import { dig } from '../../test/opticloud-caller.ts';
import type { MeshydbSimulator } from './server.ts';

const running: MeshydbSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((sim) => sim.stop())));

async function start(options: Parameters<typeof startStill>[0] = {}) {
  const sim = await startStill(options);
  running.push(sim);
  return { sim, ask: await caller(sim) };
}

describe('MeshyDB meshes', () => {
  it('MESHY-06 MESHY-08 what was created is found', async () => {
    const { ask } = await start({ devices: 3, historyMs: 60_000, workOrders: 30 });
    const made = await ask('meshes/person', { method: 'POST', body: { firstName: 'Bob', lastName: 'Bobson' } });
    expect(made).toMatchObject({
      status: 201,
      json: { _id: expect.stringMatching(/^[0-9a-f]{24}$/), firstName: 'Bob' },
    });
    expect(Object.keys(made.json as object)[0]).toBe('_id');
    const found = await ask('meshes/person', { query: { filter: `{ 'firstName': { "$regex": "^Bo" } }` } });
    expect(found).toMatchObject({
      status: 200,
      json: { page: 1, pageSize: 25, results: [made.json], totalRecords: 1 },
    });
    const orders = await ask('meshes/workorder', { query: { orderby: '{number:-1}', pageSize: '2' } });
    expect(dig(orders.json, 'totalRecords')).toBe(30);
    expect(dig(orders.json, 'results', 0, 'number')).toBe('WO-000030');
  });
});
