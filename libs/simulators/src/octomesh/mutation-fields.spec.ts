import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OctomeshCaller, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import type { OctomeshOptions } from './options.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
const start = async (options: Partial<OctomeshOptions> = {}) => {
  sim = await startQuietOctomesh(options);
  service = await OctomeshCaller.logIn(sim);
};
beforeEach(() => start());
afterEach(() => sim.stop());

const METER = 'RtIndustryEnergyEnergyMeter';
const run = async (text: string, variables?: Record<string, unknown>) => (await service.query(text, variables)).json;
const result = (json: unknown, field: string) => dig(json, 'data', 'runtime', field);
const refusal = (json: unknown) => ({
  data: dig(json, 'data'),
  code: dig(json, 'errors', 0, 'extensions', 'code'),
  details: dig(json, 'errors', 0, 'extensions', 'details'),
});

async function create(entity: object): Promise<unknown> {
  return run(
    `mutation($e: CreateEnergyMeterInput!){runtime{create${METER}(entity:$e){rtId wellKnownName name status phases}}}`,
    {
      e: entity,
    },
  );
}
const created = async (attributes: object, wellKnownName?: string): Promise<string> =>
  String(dig(result(await create({ wellKnownName, attributes }), `create${METER}`), 'rtId'));
const remove = (rtId: string) => run(`mutation($id: OctoObjectId!){runtime{delete${METER}(rtId:$id)}}`, { id: rtId });
const locations = async (count: number): Promise<string[]> => {
  const json = await run(`{runtime{rtIndustryCommonLocation(first:${count}){items{rtId}}}}`);
  return list(json, 'data', 'runtime', 'rtIndustryCommonLocation', 'items').map((one) => String(dig(one, 'rtId')));
};
const associate = (rtId: string, association: string, targets: string[], field = `addAssociation${METER}`) =>
  run(
    `mutation($id: OctoObjectId!, $a: String!, $t: [OctoObjectId!]!){runtime{${field}(rtId:$id association:$a targetRtIds:$t){rtId}}}`,
    { id: rtId, a: association, t: targets },
  );
const at = async (rtId: string, fields: string) =>
  result(
    await run(`{runtime{rtIndustryEnergyEnergyMeterById(rtId:"${rtId}"){${fields}}}}`),
    'rtIndustryEnergyEnergyMeterById',
  );

const GOOD = { name: 'New Energy Meter', serialNumber: 'EM-1' };

describe('OctoMesh mutations', () => {
  it('OCTO-11 creates the documented example', async () => {
    const json = await run(`mutation CreateEnergyMeter { runtime { createRtIndustryEnergyEnergyMeter(entity: {
      wellKnownName: "new-meter-001"
      attributes: { name: "New Energy Meter" serialNumber: "EM-2024-001" manufacturer: "Siemens" status: Active }
    }) { rtId wellKnownName } } }`);
    expect(result(json, `create${METER}`)).toEqual({
      rtId: expect.stringMatching(/^[0-9a-f]{24}$/),
      wellKnownName: 'new-meter-001',
    });
  });

  it('fills in defaults, and takes enums by name in variables', async () => {
    const json = await create({ attributes: { ...GOOD, status: 'Maintenance' } });
    expect(result(json, `create${METER}`)).toMatchObject({ status: 'Maintenance', phases: 3, wellKnownName: null });
  });

  it.each([
    ['a required attribute that is missing', { attributes: { name: 'x' } }, 'serialNumber'],
    ['a required attribute that is null', { attributes: { name: 'x', serialNumber: null } }, 'serialNumber'],
    ['a value of the wrong type', { attributes: { ...GOOD, maxCapacity: 'much' } }, 'maxCapacity'],
    ['an unknown member of an enum', { attributes: { ...GOOD, status: 'Broken' } }, 'status'],
    ['an unknown attribute', { attributes: { ...GOOD, colour: 'red' } }, 'colour'],
    ['a time that is none', { attributes: { ...GOOD, installationDate: 'yesterday' } }, 'installationDate'],
    ['such a time in a record', { attributes: { ...GOOD, calibration: { calibratedAt: 'x' } } }, 'calibratedAt'],
    ['a record without what it needs', { attributes: { ...GOOD, calibration: {} } }, 'calibratedAt'],
  ])('refuses %s with VALIDATION_ERROR, naming it', async (_what, entity, attribute) => {
    const answer = await service.query(
      `mutation($e: CreateEnergyMeterInput!){runtime{create${METER}(entity:$e){rtId}}}`,
      { e: entity },
    );
    expect(answer.status).toBe(200);
    expect(refusal(answer.json)).toMatchObject({ data: null, code: 'VALIDATION_ERROR', details: { attribute } });
  });

  it.each([
    ['{name:"x"}', 'serialNumber'],
    ['{name:5 serialNumber:"y"}', 'name'],
    ['{name:"x" serialNumber:"y" status:Broken}', 'status'],
    ['{name:"x" serialNumber:"y" status:"Active"}', 'status'],
  ])('does so for what is written in the document: %s', async (attributes, attribute) => {
    const json = await run(`mutation{runtime{create${METER}(entity:{attributes:${attributes}}){rtId}}}`);
    expect(refusal(json)).toMatchObject({ data: null, code: 'VALIDATION_ERROR', details: { attribute } });
  });

  it('AMB-O-16 keeps well-known names unique, also when renaming', async () => {
    await created(GOOD, 'one');
    const two = await created(GOOD, 'two');
    const taken = { data: null, code: 'VALIDATION_ERROR', details: { wellKnownName: 'one' } };
    expect(refusal(await create({ wellKnownName: 'one', attributes: GOOD }))).toEqual(taken);
    const rename = (name: string) =>
      run(`mutation{runtime{update${METER}(rtId:"${two}" entity:{wellKnownName:"${name}"}){wellKnownName}}}`);
    expect(refusal(await rename('one'))).toEqual(taken);
    expect(result(await rename('two'), `update${METER}`)).toEqual({ wellKnownName: 'two' });
    expect(result(await rename('three'), `update${METER}`)).toEqual({ wellKnownName: 'three' });
  });

  it('OCTO-12 changes only what is given', async () => {
    const id = await created({ ...GOOD, manufacturer: 'ABB' }, 'w');
    const before = await at(id, 'name serialNumber manufacturer phases wellKnownName');
    const json = await run(
      `mutation UpdateEnergyMeter($rtId: OctoObjectId!) { runtime { update${METER}(rtId: $rtId
        entity: { attributes: { status: Maintenance } }) { rtId status } } }`,
      { rtId: id },
    );
    expect(result(json, `update${METER}`)).toEqual({ rtId: id, status: 'Maintenance' });
    expect(await at(id, 'name serialNumber manufacturer phases wellKnownName')).toEqual(before);
    await run(`mutation{runtime{update${METER}(rtId:"${id}" entity:{attributes:{manufacturer:null}}){rtId}}}`);
    expect(await at(id, 'manufacturer')).toEqual({ manufacturer: null });
    const nameless = await run(`mutation{runtime{update${METER}(rtId:"${id}" entity:{attributes:{name:null}}){rtId}}}`);
    expect(refusal(nameless)).toMatchObject({ code: 'VALIDATION_ERROR', details: { attribute: 'name' } });
  });

  it('says ENTITY_NOT_FOUND for ids it does not know', async () => {
    for (const json of [
      await run(`mutation{runtime{update${METER}(rtId:"nope" entity:{}){rtId}}}`),
      await remove('nope'),
      await associate('nope', 'location', []),
    ])
      expect(refusal(json)).toEqual({ data: null, code: 'ENTITY_NOT_FOUND', details: { rtId: 'nope' } });
  });

  it('OCTO-13 deletes once; associations go with it, its rows stay', async () => {
    const id = sim.truth.devices().find((one) => sim.state.tenants.main.entities.get(one)) ?? '';
    const rows = async () => {
      const json = await run(
        `{streamData{tsIndustryEnergyMeterReading(filter:{rtId:{eq:"${id}"}}){pageInfo{totalCount}}}}`,
      );
      return dig(json, 'data', 'streamData', 'tsIndustryEnergyMeterReading', 'pageInfo', 'totalCount');
    };
    const places = async () =>
      JSON.stringify(await run('{runtime{rtIndustryCommonLocation{items{meters{items{rtId}}}}}}'));
    expect([await rows(), (await places()).includes(id)]).toEqual([10, true]);
    expect(result(await remove(id), `delete${METER}`)).toBe(true);
    expect(refusal(await remove(id)).code).toBe('ENTITY_NOT_FOUND');
    expect([await rows(), (await places()).includes(id)]).toEqual([10, false]);
  });

  it('OCTO-14 adds an association, and does nothing when it is there', async () => {
    const id = await created(GOOD);
    const [home = ''] = await locations(1);
    const text = `mutation AddMeterToLocation($meterId: OctoObjectId!, $locationId: OctoObjectId!) { runtime {
      addAssociation${METER}(rtId: $meterId association: "location" targetRtIds: [$locationId]) {
        rtId location { items { rtId } } } } }`;
    for (let i = 0; i < 2; i++) {
      const json = await run(text, { meterId: id, locationId: home });
      expect(result(json, `addAssociation${METER}`)).toEqual({ rtId: id, location: { items: [{ rtId: home }] } });
    }
  });

  it('refuses unknown associations and targets, and a second one where there may be one', async () => {
    const id = await created(GOOD);
    const other = await created(GOOD);
    const [home = '', away = ''] = await locations(2);
    const refused = async (association: string, targets: string[]) =>
      refusal(await associate(id, association, targets));
    const about = (association: string, targetRtId: string) => ({
      data: null,
      code: 'ASSOCIATION_ERROR',
      details: { association, targetRtId },
    });
    expect(await refused('owner', [home])).toMatchObject({
      code: 'ASSOCIATION_ERROR',
      details: { association: 'owner' },
    });
    expect(await refused('readings', [home])).toMatchObject({ code: 'ASSOCIATION_ERROR' });
    expect(await refused('location', ['nope'])).toEqual(about('location', 'nope'));
    expect(await refused('location', [other])).toEqual(about('location', other));
    expect(await refused('location', [home, away])).toEqual(about('location', home));
    expect(await at(id, 'location{items{rtId}}')).toEqual({ location: { items: [] } });
    await associate(id, 'location', [home]);
    expect(await refused('location', [away])).toEqual(about('location', away));
  });

  it('sees the other end of an association as well', async () => {
    const [id, other] = [await created(GOOD), await created(GOOD)];
    const [home = '', away = ''] = await locations(2);
    await associate(home, 'meters', [id, other], 'addAssociationRtIndustryCommonLocation');
    expect(await at(id, 'location{items{rtId}}')).toEqual({ location: { items: [{ rtId: home }] } });
    const json = await associate(away, 'meters', [id], 'addAssociationRtIndustryCommonLocation');
    expect(refusal(json)).toMatchObject({
      code: 'ASSOCIATION_ERROR',
      details: { association: 'meters', targetRtId: id },
    });
  });

  it('AMB-O-14 removes associations only where that is offered', async () => {
    const field = `removeAssociation${METER}`;
    expect(
      (await service.query(`mutation{runtime{${field}(rtId:"x" association:"location" targetRtIds:[]){rtId}}}`)).status,
    ).toBe(400);
    await sim.stop();
    await start({ removesAssociations: true });
    const id = await created(GOOD);
    const [home = ''] = await locations(1);
    await associate(id, 'location', [home]);
    await associate(id, 'location', [home], field);
    expect(await at(id, 'location{items{rtId}}')).toEqual({ location: { items: [] } });
  });

  it('runs the fields of a document in order, and undoes nothing', async () => {
    const json = await run(`mutation{runtime{
      a: create${METER}(entity:{wellKnownName:"a" attributes:{name:"a" serialNumber:"1"}}){rtId}
      b: create${METER}(entity:{wellKnownName:"a" attributes:{name:"b" serialNumber:"2"}}){rtId}
      c: create${METER}(entity:{wellKnownName:"c" attributes:{name:"c" serialNumber:"3"}}){rtId}
    }}`);
    expect(json).toMatchObject({ data: null, errors: [{ path: ['runtime', 'b'] }] });
    const names = await run(
      '{runtime{rtIndustryEnergyEnergyMeter(filter:{wellKnownName:{in:["a","c"]}} orderBy:{name:ASC}){items{name}}}}',
    );
    expect(dig(result(names, 'rtIndustryEnergyEnergyMeter'), 'items')).toEqual([{ name: 'a' }, { name: 'c' }]);
  });
});
