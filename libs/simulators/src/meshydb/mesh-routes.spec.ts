import { describe, expect, it } from '@jest/globals';
import { type Ask, stillSimulators } from '../../test/meshydb-caller.ts';
import { call, dig, list } from '../../test/opticloud-caller.ts';

const start = stillSimulators();

const create = (ask: Ask, body: unknown, mesh = 'person') => ask(`meshes/${mesh}`, { method: 'POST', body });
const id = (answer: { json: unknown }) => String(dig(answer.json, '_id'));
const BAD_NAMES = ['person1', 'my-mesh', 'a.b', 'my%20mesh', 'pers%C3%B6n', '_id'];

describe('MeshyDB creating', () => {
  it('MESHY-06 answers the document with a new id first', async () => {
    const { sim, ask } = await start();
    const body = {
      firstName: 'Bob',
      deep: { list: [1, 2.5, { a: null }], yes: true, no: false, big: 9007199254740991 },
      text: 'ü "q" 🚆',
    };
    const answer = await create(ask, body);
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({ _id: expect.stringMatching(/^[0-9a-f]{24}$/), ...body });
    expect(Object.keys(answer.json as object)[0]).toBe('_id');
    expect(Number.parseInt(id(answer).slice(0, 8), 16)).toBe(sim.clock.now() / 1000);
    expect((await ask('meshes/person')).json).toMatchObject({ results: [answer.json] });
  });

  it('MESHY-06 ids increase over time', async () => {
    const { sim, ask } = await start();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      ids.push(id(await create(ask, { i })));
      if (i % 2) await sim.clock.advance(1_000);
    }
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(5);
  });

  it('MESHY-06 takes an unused id, and refuses one that is there, or is none', async () => {
    const { ask } = await start();
    const _id = '5D438FF23B0B7DD957A765CE';
    expect(await create(ask, { a: 1, _id })).toMatchObject({ status: 201, json: { _id: _id.toLowerCase(), a: 1 } });
    expect(await create(ask, { a: 2, _id })).toMatchObject({
      status: 400,
      json: { message: 'Mesh already exists for provided id.' },
    });
    for (const bad of ['x', 5, {}, true]) expect((await create(ask, { _id: bad })).status).toBe(400);
  });

  it.each([['text'], [7], [null], [true]])('MESHY-06 refuses %j as a body', async (body) => {
    const { ask } = await start();
    expect((await create(ask, body)).status).toBe(400);
  });

  it('MESHY-06 refuses what is no JSON, or is none at all', async () => {
    const { sim } = await start();
    const { ask } = await start();
    expect(
      (await ask('meshes/person', { method: 'POST', headers: { 'content-type': 'application/json' } })).status,
    ).toBe(400);
    const answer = await call(`${sim.url}/acme/meshes/person`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":',
    });
    expect(answer.status).toBe(400);
  });

  it.each([{ $set: 1 }, { 'a.b': 1 }, { a: { $b: 1 } }, { a: [{ b: [{ 'c.d': 1 }] }] }])(
    'MESHY-06 MESHY-07 refuses the property names of %j',
    async (body) => {
      const { ask } = await start();
      const message = "Mesh property cannot begin with '$' or contain '.'.";
      expect(await create(ask, body)).toMatchObject({ status: 400, json: { message } });
      const known = id(await create(ask, { a: 1 }));
      expect(await ask(`meshes/person/${known}`, { method: 'PUT', body })).toMatchObject({
        status: 400,
        json: { message },
      });
    },
  );

  it('keeps a dollar and a point that do no harm', async () => {
    const { ask } = await start();
    expect((await create(ask, { a$: 1, price: '$5.00', '': 1 })).status).toBe(201);
  });
});

describe('MeshyDB names', () => {
  it.each(BAD_NAMES)('MESHY-06 to MESHY-09 refuse the mesh %s', async (name) => {
    const { ask } = await start();
    const one = `meshes/${name}/5d438ff23b0b7dd957a765ce`;
    const answers = [
      await ask(`meshes/${name}`, { method: 'POST', body: {} }),
      await ask(one, { method: 'PUT', body: {} }),
      await ask(`meshes/${name}`),
      await ask(one, { method: 'DELETE' }),
      await ask(one),
      await ask(`meshes/${name}`, { method: 'PATCH', body: { filter: '{}', update: '{$set:{a:1}}' } }),
      await ask(`meshes/${name}`, { method: 'DELETE', query: { filter: '{}' } }),
    ];
    const message = 'Mesh name is invalid and must be alpha characters only.';
    expect(answers.map(({ status, json }) => [status, json])).toEqual(answers.map(() => [400, { message }]));
  });

  it('MESHY-08 an empty name is refused too', async () => {
    const { ask } = await start();
    expect((await ask('meshes/')).status).toBe(400);
    expect((await ask('meshes/', { method: 'POST', body: {} })).status).toBe(400);
  });

  it('are the same in any case', async () => {
    const { ask } = await start();
    await create(ask, { a: 1 }, 'WorkOrder');
    expect(dig((await ask('meshes/workorder')).json, 'totalRecords')).toBe(1);
  });
});

describe('MeshyDB updating', () => {
  it('MESHY-07 keeps what was not sent, as the example on the page does', async () => {
    const { ask } = await start();
    const made = await create(ask, {
      firstName: 'Bob',
      lastName: 'Bobson',
      userId: 'x',
      address: { city: 'Linz', zip: 1 },
    });
    const answer = await ask(`meshes/person/${id(made)}`, {
      method: 'PUT',
      body: { firstName: 'Robert', address: { city: 'Wien' } },
    });
    const expected = { _id: id(made), firstName: 'Robert', lastName: 'Bobson', userId: 'x', address: { city: 'Wien' } };
    expect([answer.status, answer.json]).toEqual([200, expected]);
    expect((await ask(`meshes/person/${id(made)}`)).json).toEqual(expected);
  });

  it('MESHY-07 an unknown or malformed id is 404, another id in the body 400, the own one nothing', async () => {
    const { ask } = await start();
    const known = id(await create(ask, { a: 1 }));
    const put = (path: string, body: unknown) => ask(`meshes/person/${path}`, { method: 'PUT', body });
    expect((await put('5d438ff23b0b7dd957a765ce', {})).status).toBe(404);
    expect((await put('id1', {})).status).toBe(404);
    expect((await put(known, { _id: '5d438ff23b0b7dd957a765ce' })).status).toBe(400);
    expect(await put(known.toUpperCase(), { _id: known, b: null })).toMatchObject({
      status: 200,
      json: { _id: known, a: 1, b: null },
    });
    for (const body of [[], 'x', 3]) expect((await put(known, body)).status).toBe(400);
  });
});

describe('MeshyDB deleting', () => {
  it('MESHY-09 answers 204 without a body, then 404', async () => {
    const { ask } = await start();
    const known = id(await create(ask, { a: 1 }));
    const gone = await ask(`meshes/person/${known}`, { method: 'DELETE' });
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect(await ask(`meshes/person/${known}`, { method: 'DELETE' })).toMatchObject({
      status: 404,
      json: { message: expect.any(String) },
    });
    expect((await ask('meshes/person/id1', { method: 'DELETE' })).status).toBe(404);
    expect((await ask(`meshes/person/${known}`)).status).toBe(404);
    expect(dig((await ask('meshes/person')).json, 'totalRecords')).toBe(0);
  });
});

describe('MeshyDB searching', () => {
  const search = (ask: Ask, query: Record<string, string>, mesh = 'number') => ask(`meshes/${mesh}`, { query });
  const numbers = (answer: { json: unknown }) => list(answer.json, 'results').map((one) => dig(one, 'n'));
  const fill = async (count: number) => {
    const started = await start();
    const documents = Array.from({ length: count }, (_, n) => ({ n, half: Math.floor(n / 2), text: `t${n % 3}` }));
    await started.sim.actions.run('insert-document', { mesh: 'number', document: documents });
    return started;
  };

  it('MESHY-08 pages: 25 by default, 200 at most, counting all', async () => {
    const { ask } = await fill(230);
    expect((await search(ask, {})).json).toMatchObject({ page: 1, pageSize: 25, totalRecords: 230 });
    expect(numbers(await search(ask, {}))).toHaveLength(25);
    const large = await search(ask, { pageSize: '500' });
    expect([dig(large.json, 'pageSize'), numbers(large).length]).toEqual([200, 200]);
    expect(numbers(await search(ask, { page: '2', pageSize: '200' }))).toEqual(
      Array.from({ length: 30 }, (_, i) => 200 + i),
    );
    expect((await search(ask, { page: '11' })).json).toMatchObject({ page: 11, results: [], totalRecords: 230 });
    expect((await search(ask, { PAGE: '2', pagesize: '10' })).json).toMatchObject({ page: 2, pageSize: 10 });
  });

  it.each([{ page: '0' }, { page: '-1' }, { page: 'x' }, { page: '1.5' }, { pageSize: '0' }, { pageSize: 'many' }])(
    'MESHY-08 refuses %j',
    async (query) => {
      const { ask } = await fill(3);
      expect((await search(ask, query)).status).toBe(400);
    },
  );

  it('MESHY-08 stays in the order of ids when no other is asked for', async () => {
    const { sim, ask } = await fill(10);
    await sim.actions.run('insert-document', { mesh: 'number', document: { _id: '000000000000000000000001', n: -1 } });
    expect(numbers(await search(ask, {}))).toEqual([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(numbers(await search(ask, { orderby: '{_id:-1}', pageSize: '3' }))).toEqual([9, 8, 7]);
  });

  it('MESHY-08 takes filters and orders in all their forms', async () => {
    const { ask } = await fill(12);
    expect(numbers(await search(ask, { filter: `{ 'text': { "$regex": "^T1", $options: 'i' } }` }))).toEqual([
      1, 4, 7, 10,
    ]);
    expect(numbers(await search(ask, { filter: '{n:{$gte:10}}', orderBy: '{ n:-1 }' }))).toEqual([11, 10]);
    expect(numbers(await search(ask, { orderby: '{"half":-1,"n":1}', pageSize: '4' }))).toEqual([10, 11, 8, 9]);
    expect(numbers(await search(ask, { filter: '', orderby: '' }))).toHaveLength(12);
    const fifth = list((await search(ask, {})).json, 'results')[5];
    for (const form of [
      `{"$gt":{"$oid":"${dig(fifth, '_id')}"}}`,
      `{$gt:ObjectId('${dig(fifth, '_id')}')}`,
      `{"$gt":"${dig(fifth, '_id')}"}`,
    ])
      expect(numbers(await search(ask, { filter: `{"_id":${form}}`, orderby: '{"_id":1}' }))).toEqual([
        6, 7, 8, 9, 10, 11,
      ]);
    const whole = async (filter: string) => numbers(await search(ask, { filter }));
    expect(await whole(`{_id:{$gte:ObjectId("${dig(fifth, '_id')}")}}`)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(await whole(`{_id:{$lte:"${dig(fifth, '_id')}"}}`)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await whole(`{_id:"${dig(fifth, '_id')}"}`)).toEqual([5]);
  });

  it.each(['{', '[]', 'n=1', '{n:{$where:"1"}}', '{$where:"this.n"}', '{n:{$near:1}}', '{n:1}}'])(
    'MESHY-08 refuses the filter %s',
    async (filter) => {
      const { ask } = await fill(1);
      const message = 'Filter is in an invalid format. It must be in a valid Mongo DB format.';
      expect(await search(ask, { filter })).toMatchObject({ status: 400, json: { message } });
    },
  );

  it.each(['{n:2}', 'n', '{n:"asc"}', '[["n",1]]', '{n:1'])('MESHY-08 refuses the order %s', async (orderby) => {
    const { ask } = await fill(1);
    const message = 'Order by is in an invalid format. It must be in a valid Mongo DB format.';
    expect(await search(ask, { orderby })).toMatchObject({ status: 400, json: { message } });
  });

  it('MESHY-08 an unknown mesh is an empty one', async () => {
    const { ask } = await start();
    expect(await search(ask, { filter: '{a:1}' }, 'nothing')).toMatchObject({
      status: 200,
      json: { page: 1, pageSize: 25, results: [], totalRecords: 0 },
    });
  });

  it('MESHY-32 and all else of the later pages can be switched off', async () => {
    const { sim, ask } = await start({ extended: false });
    const known = id(await create(ask, { a: 1 }));
    expect((await ask(`meshes/person/${known}`)).status).toBe(404);
    expect((await create(ask, [{ a: 1 }])).status).toBe(400);
    for (const path of ['users', 'roles', 'permissibles', 'projections/orderstatus'])
      expect((await ask(path)).status).toBe(404);
    expect((await ask('meshes/person', { method: 'PATCH', body: {} })).status).toBe(404);
    expect((await call(`${sim.url}/acme/users/register`, { method: 'POST' })).status).toBe(404);
  });

  it('tenants do not see one another', async () => {
    const { sim, ask } = await start();
    await sim.actions.run('insert-document', { mesh: 'person', tenant: 'staging', document: { a: 1 } });
    expect(dig((await ask('meshes/person')).json, 'totalRecords')).toBe(0);
  });
});
