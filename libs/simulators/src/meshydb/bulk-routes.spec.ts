import { describe, expect, it } from '@jest/globals';
import { type Ask, stillSimulators } from '../../test/meshydb-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';

const start = stillSimulators();

const createMany = (ask: Ask, body: unknown[]) => ask('meshes/person', { method: 'POST', body });
const updateMany = (ask: Ask, filter: unknown, update: unknown) =>
  ask('meshes/person', { method: 'PATCH', body: { filter, update } });
const all = async (ask: Ask) => list((await ask('meshes/person')).json, 'results');

describe('MeshyDB many documents at once', () => {
  it('MESHY-33 creates all, in their order', async () => {
    const { ask } = await start();
    const answer = await createMany(ask, [{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(answer).toMatchObject({
      status: 201,
      json: { createdCount: 3, createdData: [{ n: 1 }, { n: 2 }, { n: 3 }] },
    });
    expect(await all(ask)).toEqual(dig(answer.json, 'createdData'));
  });

  it('MESHY-33 creates none where one is wrong, and says which', async () => {
    const { ask } = await start();
    const _id = '5d438ff23b0b7dd957a765ce';
    const answer = await createMany(ask, [{ n: 1 }, { $n: 2 }, 'x', { _id }, { _id }]);
    expect(answer.status).toBe(400);
    expect(list(answer.json, 'results').map((one) => dig(one, 'isValid'))).toEqual([true, false, false, true, false]);
    expect(await createMany(ask, [])).toMatchObject({ status: 400, json: { message: 'No data was provided.' } });
    expect(await all(ask)).toEqual([]);
  });

  it.each([
    ['{$set:{a:5, "deep.b": [1]}}', { a: 5, deep: { b: [1] } }],
    ['{$inc:{a:2}}', { a: 3 }],
    ['{$unset:{a:""}}', {}],
    ['{$rename:{a:"b"}}', { b: 1 }],
    ['{$push:{list:"x"}}', { a: 1, list: ['x'] }],
    [
      '{$set:{at:ISODate("2026-03-01T12:00:00Z"), ref:ObjectId("5d438ff23b0b7dd957a765ce")}}',
      { a: 1, at: '2026-03-01T12:00:00.000Z', ref: '5d438ff23b0b7dd957a765ce' },
    ],
  ])('MESHY-34 %s', async (update, expected) => {
    const { ask } = await start();
    await createMany(ask, [{ a: 1 }, { a: 7 }]);
    expect(await updateMany(ask, '{a:1}', update)).toMatchObject({
      status: 200,
      json: { matchedCount: 1, modifiedCount: 1, upsertedId: null },
    });
    const [first, second] = await all(ask);
    expect(first).toEqual({ _id: expect.any(String), ...expected });
    expect(second).toMatchObject({ a: 7 });
  });

  it('MESHY-34 counts what really changed', async () => {
    const { ask } = await start();
    await createMany(ask, [{ a: 1 }, { a: 2 }]);
    expect((await updateMany(ask, '{}', '{$set:{a:2}}')).json).toMatchObject({ matchedCount: 2, modifiedCount: 1 });
  });

  it.each([
    ['', '{$set:{a:1}}'],
    [undefined, '{$set:{a:1}}'],
    ['{}', ''],
    ['{}', undefined],
    ['{$where:"1"}', '{$set:{a:1}}'],
    ['{', '{$set:{a:1}}'],
    ['{}', '{a:1}'],
    ['{}', '{}'],
    ['{}', '{$set:{}}'],
    ['{}', '{$set:1}'],
    ['{}', '{$set:{_id:"5d438ff23b0b7dd957a765ce"}}'],
    ['{}', '{$set:{$a:1}}'],
    ['{}', '{$set:{a:{$b:1}}}'],
    ['{}', '{$function:{a:1}}'],
    ['{}', '[{$set:{a:1}}]'],
    [{ a: 1 }, '{$set:{a:1}}'],
  ])('MESHY-34 refuses the filter %j with the update %j', async (filter, update) => {
    const { ask } = await start();
    await createMany(ask, [{ a: 5 }]);
    expect((await updateMany(ask, filter, update)).status).toBe(400);
    expect(await all(ask)).toMatchObject([{ a: 5 }]);
  });

  it('MESHY-34 keeps the rules of names, whatever an update makes', async () => {
    const { ask } = await start();
    await createMany(ask, [{ a: 1 }]);
    expect((await updateMany(ask, '{}', '{$push:{list:{"x.y":1}}}')).status).toBe(400);
    expect((await updateMany(ask, '{}', '{$rename:{a:"$b"}}')).status).toBe(400);
    expect(await all(ask)).toMatchObject([{ a: 1 }]);
  });

  it('MESHY-35 deletes what fits, and nothing without a filter', async () => {
    const { ask } = await start();
    await createMany(ask, [{ a: 1 }, { a: 1 }, { a: 2 }]);
    const remove = (query: Record<string, string>) => ask('meshes/person', { method: 'DELETE', query });
    for (const query of [{}, { filter: '' }, { filter: 'a' }, { filter: '{$where:"1"}' }])
      expect((await remove(query as Record<string, string>)).status).toBe(400);
    expect(await remove({ filter: '{a:1}' })).toMatchObject({
      status: 200,
      json: { deletedCount: 2, isAcknowledged: true },
    });
    expect(await all(ask)).toMatchObject([{ a: 2 }]);
  });
});

describe('MeshyDB projections', () => {
  it('MESHY-36 answers the rows of a stored aggregation, filtered, in order, by pages', async () => {
    const { sim, ask } = await start({ workOrders: 50 });
    const rows = await ask('projections/orderstatus');
    const counts = list(rows.json, 'results').map((row) => Number(dig(row, 'count')));
    expect(counts.reduce((a, b) => a + b)).toBe(50);
    const found = await ask('projections/OrderStatus', {
      query: { filter: '{count:{$gt:0}}', orderBy: '{status:-1}', pageSize: '2' },
    });
    expect(list(found.json, 'results').map((row) => dig(row, 'status'))).toEqual(['waiting for parts', 'planned']);
    expect((await ask('projections/unknown')).status).toBe(404);
    expect((await ask('projections/orderstatus', { query: { orderBy: 'x' } })).status).toBe(400);
    await sim.actions.run('store-projection', {
      name: 'floors',
      mesh: 'workorder',
      pipeline: [{ $sortByCount: '$address.floor' }, { $limit: 3 }],
    });
    expect(list((await ask('projections/floors')).json, 'results')).toHaveLength(3);
    await expect(
      sim.actions.run('store-projection', { name: 'bad', mesh: 'workorder', pipeline: [{ $out: 'x' }] }),
    ).rejects.toThrow(RangeError);
  });
});
