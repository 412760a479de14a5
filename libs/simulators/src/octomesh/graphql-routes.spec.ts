import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery, printSchema } from 'graphql';
import { OctomeshCaller, startQuietOctomesh } from '../../test/octomesh-caller.ts';
import { call, dig, list } from '../../test/opticloud-caller.ts';
import type { OctomeshSimulator } from './server.ts';

let sim: OctomeshSimulator;
let service: OctomeshCaller;
beforeEach(async () => {
  sim = await startQuietOctomesh();
  service = await OctomeshCaller.logIn(sim);
});
afterEach(() => sim.stop());

const LOCATIONS = 'query($n: Int){runtime{rtIndustryCommonLocation(first:$n){items{name}}}}';
const DELETE = 'mutation{runtime{deleteRtIndustryCommonLocation(rtId:"x")}}';

const get = (query: Record<string, string>) =>
  call(`${service.graphqlUrl}?${new URLSearchParams(query)}`, {
    headers: { authorization: `Bearer ${service.token}`, 'content-type': 'application/json' },
  });

describe('OctoMesh GraphQL endpoint', () => {
  it('OCTO-04 answers queries over GET and POST alike', async () => {
    const posted = await service.query(LOCATIONS, { n: 2 });
    expect(list(posted.json, 'data', 'runtime', 'rtIndustryCommonLocation', 'items')).toHaveLength(2);
    expect((await get({ query: LOCATIONS, variables: '{"n":2}' })).json).toEqual(posted.json);
    const two = `query A {__typename} ${LOCATIONS.replace('query', 'query B')}`;
    expect((await service.query(two, {}, 'A')).json).toEqual({ data: { __typename: 'Query' } });
    expect((await get({ query: two, operationName: 'A' })).json).toEqual({ data: { __typename: 'Query' } });
  });

  it('wants POST for mutations', async () => {
    const answer = await get({ query: DELETE });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it.each([
    ['an empty body', ''],
    ['what is no JSON', '{"query":'],
    ['a body without a query', '{}'],
    ['a query that is no text', '{"query":5}'],
    ['variables that are no object', '{"query":"{__typename}","variables":[1]}'],
    ['broken syntax', '{"query":"{ runtime"}'],
    ['an unknown field', '{"query":"{ nothing }"}'],
    ['an unknown attribute', '{"query":"{runtime{rtIndustryCommonLocation{items{colour}}}}"}'],
    ['an unknown operation', '{"query":"query A {__typename}","operationName":"B"}'],
    ['several operations and no name', '{"query":"query A {__typename} query B {__typename}"}'],
    ['a variable of the wrong type', JSON.stringify({ query: LOCATIONS, variables: { n: 'two' } })],
  ])('answers 400 with errors and without data to %s', async (_what, body) => {
    const answer = await service.post('/tenants/my-tenant/graphql', body);
    expect(answer.status).toBe(400);
    expect(list(answer.json, 'errors').length).toBeGreaterThan(0);
    expect(answer.json).not.toHaveProperty('data');
  });

  it('shows by introspection the schema that follows from the libraries', async () => {
    const { json } = await service.query(getIntrospectionQuery());
    const text = printSchema(buildClientSchema(dig(json, 'data') as IntrospectionQuery));
    for (const part of [
      'type Query {\n  runtime: RuntimeQuery!\n  streamData: StreamQuery!\n}',
      'type Mutation {\n  runtime: RuntimeMutation!\n}',
      'rtIndustryEnergyEnergyMeterById(rtId: OctoObjectId!): IndustryEnergyEnergyMeter',
      'rtIndustryEnergyEnergyMeterByWellKnownName(wellKnownName: String): IndustryEnergyEnergyMeter',
      'deleteRtIndustryEnergyEnergyMeter(rtId: OctoObjectId!): Boolean!',
      'input CreateEnergyMeterInput {\n  wellKnownName: String\n  attributes: EnergyMeterCreateAttributes!\n}',
      'enum IndustryEnergyMeterStatus {\n  Active\n  Maintenance\n  Inactive\n  Decommissioned\n}',
      '  serialNumber: String!',
      '  status: StringFilter',
      'totalCount: Int',
    ])
      expect(text).toContain(part);
    expect(text).not.toContain('rtIndustryEnergyMeterReading');
    expect(text).not.toContain('Subscription');
  });

  it('answers several aliased fields in one request, which counts once', async () => {
    await service.query(`{runtime{
      a: rtIndustryCommonLocation(first:1){items{rtId}}
      b: rtIndustryEnergyEnergyMeter(first:1){items{rtId}}
    } streamData{ c: tsIndustryEnergyMeterReading(first:1){items{rtId}} }}`);
    const [entry] = sim.journal.entries({ operation: 'OCTO-10' });
    expect(entry?.detail).toBe(
      'my-service query runtime.rtIndustryCommonLocation runtime.rtIndustryEnergyEnergyMeter streamData.tsIndustryEnergyMeterReading',
    );
    expect(sim.journal.count({ path: '*/graphql' })).toBe(1);
  });

  it.each([
    ['rtFooBar', 'query{runtime{x:rtFooBar{items{rtId}}}}', ['runtime', 'x']],
    ['rtFooBarById', 'query{runtime{rtFooBarById(rtId:"1"){rtId}}}', ['runtime', 'rtFooBarById']],
    ['tsFooBar', 'query{streamData{tsFooBar{items{rtId}}}}', ['streamData', 'tsFooBar']],
    ['deleteRtFooBar', 'mutation{runtime{deleteRtFooBar(rtId:"1")}}', ['runtime', 'deleteRtFooBar']],
  ])('answers CK_TYPE_NOT_FOUND to %s', async (_field, query, path) => {
    const answer = await service.query(query);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      data: null,
      errors: [{ path, extensions: { code: 'CK_TYPE_NOT_FOUND', details: { ckType: 'FooBar' } } }],
    });
    expect(dig(answer.json, 'errors', 0, 'locations')).toHaveLength(1);
  });

  it('knows a type without a stream, and a stream without entities, from a type that is not there', async () => {
    for (const query of [
      '{streamData{tsIndustryEnergyEnergyMeter{items{rtId}}}}',
      '{runtime{rtIndustryEnergyMeterReading{items{rtId}}}}',
    ])
      expect(dig((await service.query(query)).json, 'errors', 0, 'extensions', 'code')).toBe('CK_TYPE_NOT_FOUND');
  });

  it.each([
    ['OCTO-06', '{runtime{rtIndustryCommonLocation{items{rtId}}}}'],
    [
      'OCTO-06',
      'query{...f} fragment f on Query{runtime{...g}} fragment g on RuntimeQuery{rtIndustryCommonLocation{items{rtId}}}',
    ],
    ['OCTO-07', '{runtime{rtIndustryCommonLocationById(rtId:"x"){rtId}}}'],
    ['OCTO-08', '{runtime{rtIndustryCommonLocationByWellKnownName(wellKnownName:"x"){rtId}}}'],
    ['OCTO-10', '{streamData{tsIndustryEnergyMeterReading{items{rtId}}}}'],
    ['OCTO-13', DELETE],
    ['OCTO-04', '{__schema{queryType{name}}}'],
    ['OCTO-04', '{broken'],
  ])('names the operation in the journal: %s %s', async (operation, query) => {
    await service.query(query);
    expect(sim.journal.entries({ path: '*/graphql' }).at(-1)?.operation).toBe(operation);
  });

  it('OCTO-05 has a playground', async () => {
    const page = await call(`${service.graphqlUrl}/playground`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });
});
