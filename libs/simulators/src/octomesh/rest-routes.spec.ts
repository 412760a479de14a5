import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OctomeshCaller, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { call, dig, list } from '../../test/opticloud-caller.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
beforeEach(async () => {
  sim = await startQuietOctomesh({ maxFileBytes: 1_000 });
  service = await OctomeshCaller.logIn(sim);
});
afterEach(() => sim.stop());

const TENANT = '/api/tenants/my-tenant';
const KITS = `${TENANT}/construction-kits`;

function upload(content: string, part = 'file', name = 'Prüfbericht 1.pdf') {
  const body = new FormData();
  body.set('comment', 'x');
  body.set(part, new Blob([content], { type: 'application/pdf' }), name);
  return service.call(`${TENANT}/files`, { method: 'POST', body });
}

/** A library nobody has seen: inheritance, a record, a list, an association both ways, and a stream. */
const LIBRARY = {
  libraryId: 'Hafen.Logistik',
  version: '1.0.0',
  enums: [{ enumId: 'Zustand', values: ['Frei', 'Belegt'] }],
  records: [{ recordId: 'Masse', attributes: [{ name: 'wert', type: 'double', isRequired: true, unit: 't' }] }],
  types: [
    { typeId: 'Anlage', isAbstract: true, attributes: [{ name: 'bezeichnung', type: 'string', isRequired: true }] },
    {
      typeId: 'Kran',
      baseType: 'Anlage',
      attributes: [
        { name: 'zustand', type: 'enum', enum: 'Zustand', defaultValue: 'Frei' },
        { name: 'masse', type: 'record', record: 'Masse' },
        { name: 'laeufe', type: 'int64' },
        { name: 'pruefer', type: 'stringArray' },
      ],
      associations: [
        { name: 'standort', target: 'Industry.Common/Location', multiplicity: 'One', inboundName: 'krane' },
        { name: 'messungen', target: 'Messung' },
      ],
    },
    {
      typeId: 'Messung',
      isStream: true,
      valueAttribute: 'last',
      attributes: [{ name: 'last', type: 'double', unit: 't' }],
    },
  ],
};

describe('OctoMesh REST', () => {
  it('OCTO-20 tells about the tenant', async () => {
    expect((await service.get(TENANT)).json).toEqual({ tenantId: 'my-tenant', database: 'my_tenant' });
    expect((await service.get('/api/tenants/nowhere')).status).toBe(404);
  });

  it('OCTO-21 takes files', async () => {
    const answer = await upload('x'.repeat(1_000));
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      id: expect.any(String),
      fileName: 'Prüfbericht 1.pdf',
      contentType: 'application/pdf',
      size: 1_000,
    });
    expect(await sim.actions.run('files')).toEqual([answer.json]);
  });

  it('refuses what is no file, and what is too big', async () => {
    expect((await upload('x', 'document')).status).toBe(400);
    expect((await upload('x'.repeat(1_001))).status).toBe(413);
    expect((await upload('x'.repeat(200_000))).status).toBe(413);
    expect((await service.post(`${TENANT}/files`, {})).status).toBe(415);
    const send = (contentType: string, body: string) =>
      service.call(`${TENANT}/files`, { method: 'POST', headers: { 'content-type': contentType }, body });
    expect((await send('application/pdf', 'x')).status).toBe(415);
    expect((await send('multipart/form-data; boundary=x', 'nothing')).status).toBe(400);
    const bare = await send(
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--x--\r\n',
    );
    expect(bare.status).toBe(400);
  });

  it('OCTO-22 tells its health to anybody', async () => {
    expect((await call(`${sim.url}/health`)).json).toEqual({ status: 'Healthy' });
    await sim.actions.run('set-health', { healthy: false });
    const sick = await call(`${sim.url}/health`);
    expect([sick.status, sick.json]).toEqual([503, { status: 'Unhealthy' }]);
  });

  it('OCTO-23 lists the libraries as they were uploaded', async () => {
    const libraries = list((await service.get(KITS)).json);
    expect(libraries).toMatchObject([
      { libraryId: 'Industry.Common', version: '1.2.0' },
      { libraryId: 'Industry.Energy', version: '2.0.1' },
    ]);
    const reading = list(libraries[1], 'types').find((one) => dig(one, 'typeId') === 'MeterReading');
    expect(reading).toMatchObject({
      isStream: true,
      attributes: [{ name: 'voltage', type: 'decimal', unit: 'V' }, {}, {}, {}, {}],
    });
  });

  it('OCTO-24 makes the types of an uploaded library appear', async () => {
    const unknown = await service.query('{runtime{rtHafenLogistikKran{items{rtId}}}}');
    expect(dig(unknown.json, 'errors', 0, 'extensions', 'code')).toBe('CK_TYPE_NOT_FOUND');
    const answer = await service.post(KITS, LIBRARY);
    expect([answer.status, answer.json]).toEqual([201, { libraryId: 'Hafen.Logistik', version: '1.0.0' }]);
    const made = await service.query(
      `mutation($e: CreateKranInput!){runtime{createRtHafenLogistikKran(entity:$e){rtId ckTypeId zustand masse{wert} laeufe pruefer}}}`,
      {
        e: {
          wellKnownName: 'kran-1',
          attributes: { bezeichnung: 'Kran 1', masse: { wert: 12.5 }, laeufe: 5e9, pruefer: ['a'] },
        },
      },
    );
    const crane = dig(made.json, 'data', 'runtime', 'createRtHafenLogistikKran');
    expect(crane).toMatchObject({
      ckTypeId: 'Hafen.Logistik/Kran',
      zustand: 'Frei',
      masse: { wert: 12.5 },
      laeufe: 5_000_000_000,
      pruefer: ['a'],
    });
    const device = String(dig(crane, 'rtId'));
    await sim.actions.run('produce', { device, rows: [{ ts: 5, values: { last: 1.5 } }] });
    const { json } = await service.query(`{runtime{
      rtHafenLogistikAnlage{items{rtId ckTypeId bezeichnung}}
      rtHafenLogistikKran(filter:{zustand:{eq:"Frei"}}){items{messungen{items{timestamp value}}}}
    } streamData{ tsHafenLogistikMessung{items{rtId last}} }}`);
    expect(dig(json, 'data')).toEqual({
      runtime: {
        rtHafenLogistikAnlage: { items: [{ rtId: device, ckTypeId: 'Hafen.Logistik/Kran', bezeichnung: 'Kran 1' }] },
        rtHafenLogistikKran: {
          items: [{ messungen: { items: [{ timestamp: '1970-01-01T00:00:00.005Z', value: 1.5 }] } }],
        },
      },
      streamData: { tsHafenLogistikMessung: { items: [{ rtId: device, last: 1.5 }] } },
    });
    expect((await service.query('mutation{runtime{createRtHafenLogistikAnlage(entity:{}){rtId}}}')).json).toMatchObject(
      {
        errors: [{ extensions: { code: 'CK_TYPE_NOT_FOUND' } }],
      },
    );
    expect(
      (
        await new OctomeshCaller(sim, service.token, 'other-tenant').query(
          '{runtime{rtHafenLogistikKran{items{rtId}}}}',
        )
      ).json,
    ).toMatchObject({ data: null });
  });

  it('puts a new version in the place of the old one, and refuses the same again', async () => {
    expect((await service.post(KITS, LIBRARY)).status).toBe(201);
    expect((await service.post(KITS, LIBRARY)).status).toBe(409);
    expect((await service.post(KITS, { ...LIBRARY, version: '1.1.0' })).status).toBe(201);
    const found = list((await service.get(KITS)).json).filter((one) => dig(one, 'libraryId') === 'Hafen.Logistik');
    expect(found.map((one) => dig(one, 'version'))).toEqual(['1.1.0']);
  });

  it('gives input types the long name when two libraries have a type of the same', async () => {
    const types = [{ typeId: 'EnergyMeter', attributes: [{ name: 'x', type: 'int' }] }];
    expect((await service.post(KITS, { libraryId: 'Other', version: '1.0.0', types })).status).toBe(201);
    const { json } = await service.query(`mutation{runtime{createRtOtherEnergyMeter(entity:{attributes:{x:1}}){x}}}`);
    expect(dig(json, 'data', 'runtime', 'createRtOtherEnergyMeter')).toEqual({ x: 1 });
    const { json: inputs } = await service.query('{__schema{types{name}}}');
    const names = list(inputs, 'data', '__schema', 'types').map((one) => dig(one, 'name'));
    for (const name of ['CreateOtherEnergyMeterInput', 'CreateIndustryEnergyEnergyMeterInput'])
      expect(names).toContain(name);
  });

  it.each([
    ['no library id', { version: '1.0.0' }],
    ['no version', { libraryId: 'A' }],
    ['a malformed version', { libraryId: 'A', version: 'one' }],
    ['a malformed id', { libraryId: 'A/B', version: '1.0.0' }],
    ['an unknown member', { libraryId: 'A', version: '1.0.0', extra: 1 }],
    [
      'an unknown attribute type',
      { libraryId: 'A', version: '1.0.0', types: [{ typeId: 'T', attributes: [{ name: 'a', type: 'float' }] }] },
    ],
    [
      'a name that GraphQL does not know',
      { libraryId: 'A', version: '1.0.0', types: [{ typeId: 'T', attributes: [{ name: 'a-b', type: 'int' }] }] },
    ],
    [
      'a name of the system',
      { libraryId: 'A', version: '1.0.0', types: [{ typeId: 'T', attributes: [{ name: 'rtId', type: 'int' }] }] },
    ],
    [
      'an enum that is not there',
      {
        libraryId: 'A',
        version: '1.0.0',
        types: [{ typeId: 'T', attributes: [{ name: 'a', type: 'enum', enum: 'E' }] }],
      },
    ],
    [
      'an association with nothing',
      { libraryId: 'A', version: '1.0.0', types: [{ typeId: 'T', associations: [{ name: 'a', target: 'B/C' }] }] },
    ],
    ['a type that is its own base', { libraryId: 'A', version: '1.0.0', types: [{ typeId: 'T', baseType: 'T' }] }],
    ['a name that is taken', { libraryId: 'Industry', version: '1.0.0', types: [{ typeId: 'EnergyEnergyMeter' }] }],
    ['a name of the schema', { libraryId: 'Page', version: '1.0.0', types: [{ typeId: 'Info' }] }],
    [
      'an attribute that is there twice',
      {
        libraryId: 'A',
        version: '1.0.0',
        types: [
          {
            typeId: 'T',
            attributes: [
              { name: 'a', type: 'int' },
              { name: 'a', type: 'int' },
            ],
          },
        ],
      },
    ],
  ])('refuses %s with 400, and goes on as before', async (_what, library) => {
    const answer = await service.post(KITS, library);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ statusCode: 400, message: expect.any(String), details: [expect.any(String)] });
    expect((await service.query('{runtime{rtIndustryCommonLocation(first:1){items{rtId}}}}')).status).toBe(200);
    expect(list((await service.get(KITS)).json)).toHaveLength(2);
  });
});
