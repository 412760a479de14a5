import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OctomeshCaller, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
beforeAll(async () => {
  sim = await startQuietOctomesh({ devices: 60 });
  service = await OctomeshCaller.logIn(sim);
});
afterAll(() => sim.stop());

const METERS = 'rtIndustryEnergyEnergyMeter';

/** The connection of meters that a list of arguments gives. */
async function meters(args: string, fields = 'rtId name', variables: Record<string, unknown> = {}, head = '') {
  const text = `query ${head} {runtime{${METERS}${args}{items{${fields}} pageInfo{hasNextPage endCursor totalCount}}}}`;
  const { json } = await service.query(text, variables);
  if (dig(json, 'errors') !== undefined) throw new Error(JSON.stringify(json));
  return dig(json, 'data', 'runtime', METERS);
}
const names = (connection: unknown) => list(connection, 'items').map((one) => String(dig(one, 'name')));
const ids = (connection: unknown) => list(connection, 'items').map((one) => String(dig(one, 'rtId')));
const refused = async (args: string) => (await service.query(`{runtime{${METERS}${args}{items{rtId}}}}`)).json;

describe('OctoMesh runtime queries', () => {
  it('OCTO-06 answers the documented example', async () => {
    const { status, json } = await service.query(`query GetEnergyMeters { runtime { rtIndustryEnergyEnergyMeter(
      first: 50 after: null filter: { status: { eq: "Active" } } orderBy: { name: ASC }) {
      items { rtId ckTypeId wellKnownName name serialNumber status location { items { rtId name address } } }
      pageInfo { hasNextPage endCursor totalCount } } } }`);
    expect(status).toBe(200);
    const items = list(json, 'data', 'runtime', METERS, 'items');
    expect(items.length).toBeGreaterThan(20);
    expect(items[0]).toMatchObject({ ckTypeId: 'Industry.Energy/EnergyMeter', status: 'Active' });
    expect(dig(items[0], 'rtId')).toMatch(/^[0-9a-f]{24}$/);
    expect(items.some((one) => list(one, 'location', 'items').length === 1)).toBe(true);
  });

  it('orders by the id when nothing else is asked, and breaks ties by it', async () => {
    const all = await meters('');
    expect(ids(all)).toEqual([...ids(all)].sort());
    const byStatus = list(await meters('(orderBy:{status:DESC})', 'rtId status'), 'items');
    const expected = [...byStatus].sort((a, b) => {
      const [left, right] = [String(dig(a, 'status')), String(dig(b, 'status'))];
      return left === right ? (String(dig(a, 'rtId')) < String(dig(b, 'rtId')) ? -1 : 1) : left < right ? 1 : -1;
    });
    expect(byStatus).toEqual(expected);
    expect(new Set(byStatus.map((one) => dig(one, 'status'))).size).toBeGreaterThan(1);
  });

  it('AMB-O-17 applies several keys in their written order, in literals and in variables', async () => {
    const keysOf = async (args: string, variables = {}, head = '') =>
      list(await meters(args, 'phases name', variables, head), 'items').map((one) => [
        dig(one, 'phases'),
        dig(one, 'name'),
      ]);
    const byPhases = await keysOf('(orderBy:{phases:ASC name:DESC})');
    const byName = await keysOf('(orderBy:{name:DESC phases:ASC})');
    expect(byPhases).not.toEqual(byName);
    expect(byPhases.map(([phases]) => phases)).toEqual(byPhases.map(([phases]) => phases).sort());
    const head = '($o: IndustryEnergyEnergyMeterOrderBy)';
    expect(await keysOf('(orderBy:$o)', { o: { phases: 'ASC', name: 'DESC' } }, head)).toEqual(byPhases);
    expect(await keysOf('(orderBy:$o)', { o: { name: 'DESC', phases: 'ASC' } }, head)).toEqual(byName);
  });

  it('puts what has no value first when ascending', async () => {
    const values = list(await meters('(orderBy:{maxCapacity:ASC})', 'maxCapacity'), 'items').map((one) =>
      dig(one, 'maxCapacity'),
    ) as Array<number | null>;
    expect(values[0]).toBeNull();
    expect(values.at(-1)).toBe(Math.max(...values.map((value) => value ?? 0)));
  });

  it('pages without gap or overlap, and says truly whether there is more', async () => {
    const all = ids(await meters(''));
    expect(all).toHaveLength(60);
    const paged: string[] = [];
    for (let after: unknown = null, more = true; more; ) {
      const page = await meters(`(first:7 after:${JSON.stringify(after)})`);
      expect(dig(page, 'pageInfo', 'totalCount')).toBe(60);
      paged.push(...ids(page));
      more = dig(page, 'pageInfo', 'hasNextPage') === true;
      after = dig(page, 'pageInfo', 'endCursor');
      expect(more).toBe(paged.length < 60);
    }
    expect(paged).toEqual(all);
    expect(dig(await meters('(first:60)'), 'pageInfo', 'hasNextPage')).toBe(false);
  });

  it('answers nothing with an empty page', async () => {
    expect(await meters('(filter:{name:{eq:"nobody"}})')).toEqual({
      items: [],
      pageInfo: { hasNextPage: false, endCursor: null, totalCount: 0 },
    });
  });

  it('takes pages of 1 to 1000', async () => {
    for (const first of [0, -1, 1001])
      expect(await refused(`(first:${first})`)).toMatchObject({
        data: null,
        errors: [{ extensions: { code: 'VALIDATION_ERROR', details: { first } } }],
      });
    expect(names(await meters('(first:1000)'))).toHaveLength(60);
  });

  it('refuses cursors that are not its own, and answers an empty page past the end', async () => {
    for (const after of [
      'x',
      'YXJyYXk=',
      Buffer.from('arrayconnection:-1').toString('base64'),
      'YXJyYXljb25uZWN0aW9uOjE',
    ])
      expect(await refused(`(after:${JSON.stringify(after)})`)).toMatchObject({
        data: null,
        errors: [{ extensions: { code: 'VALIDATION_ERROR', details: { after } } }],
      });
    const past = Buffer.from('arrayconnection:9999').toString('base64');
    expect(await meters(`(after:"${past}")`)).toMatchObject({ items: [], pageInfo: { hasNextPage: false } });
  });

  it('has positional cursors: what is added before one shifts the next page', async () => {
    const first = await meters('(first:5 orderBy:{name:ASC})');
    const next = `(first:5 orderBy:{name:ASC} after:"${dig(first, 'pageInfo', 'endCursor')}")`;
    const before = names(await meters(next));
    const { id } = (await sim.actions.run('create-entity', {
      attributes: { name: ' first of all', serialNumber: 'x' },
    })) as { id: string };
    expect(names(await meters(next))).toEqual([names(first).at(-1), ...before.slice(0, 4)]);
    await sim.actions.run('delete-entity', { entity: id });
  });

  it('finds by id, of the type alone, and says ENTITY_NOT_FOUND in the documented envelope', async () => {
    const [id] = ids(await meters('(first:1)'));
    const byId = (field: string, rtId: string | undefined) =>
      service.query(`query($rtId: OctoObjectId!){runtime{${field}(rtId:$rtId){rtId}}}`, { rtId });
    expect((await byId(`${METERS}ById`, id)).json).toEqual({ data: { runtime: { [`${METERS}ById`]: { rtId: id } } } });
    for (const [field, rtId] of [
      [`${METERS}ById`, 'invalid-id'],
      [`${METERS}ById`, '0'.repeat(24)],
      ['rtIndustryCommonLocationById', id],
    ] as const) {
      const { status, json } = await byId(field, rtId);
      expect(status).toBe(200);
      expect(json).toEqual({
        data: null,
        errors: [
          {
            message: 'Entity not found',
            locations: [{ line: 1, column: 37 }],
            path: ['runtime', field],
            extensions: { code: 'ENTITY_NOT_FOUND', details: { rtId } },
          },
        ],
      });
    }
  });

  it('OCTO-08 finds by well-known name', async () => {
    const byName = (name: string) =>
      service.query(`{runtime{${METERS}ByWellKnownName(wellKnownName:"${name}"){rtId name wellKnownName}}}`);
    const { json } = await byName('main-building-meter');
    expect(dig(json, 'data', 'runtime', `${METERS}ByWellKnownName`, 'name')).toBe('Main building');
    expect((await byName('nobody')).json).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'ENTITY_NOT_FOUND', details: { wellKnownName: 'nobody' } } }],
    });
  });

  it('OCTO-09 follows associations both ways, in pages', async () => {
    const { json } = await service.query(`{runtime{rtIndustryCommonLocation(filter:{kind:{eq:"Building"}}){items{
      parent{items{name}} children(first:2){items{name parent{items{rtId}}} pageInfo{hasNextPage totalCount}} rtId}}}}`);
    const buildings = list(json, 'data', 'runtime', 'rtIndustryCommonLocation', 'items');
    const [building] = buildings;
    expect(list(building, 'parent', 'items')).toEqual([{ name: 'Site Nord' }]);
    expect(list(building, 'children', 'items')).toHaveLength(2);
    expect(buildings.map((one) => Number(dig(one, 'children', 'pageInfo', 'totalCount'))).sort()).toEqual([2, 4]);
    expect(dig(building, 'children', 'items', 0, 'parent', 'items', 0, 'rtId')).toBe(dig(building, 'rtId'));
  });

  it('answers values of every type as what they are', async () => {
    const [meter] = list(
      await meters(
        '(filter:{serialNumber:{eq:"EM-2024-0001"}})',
        'maxCapacity phases isVirtual tags installationDate calibration{calibratedAt certificate deviation}',
      ),
      'items',
    );
    expect(meter).toMatchObject({
      phases: expect.any(Number),
      installationDate: expect.stringMatching(/T00:00:00\.000Z$/),
      calibration: { certificate: 'PTB-1000', deviation: expect.any(Number) },
    });
  });
});
