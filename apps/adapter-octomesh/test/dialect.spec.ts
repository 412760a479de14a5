import { describe, expect, it } from '@jest/globals';
import { parseFilter } from '@tributary/contracts';
import { parse, validate } from 'graphql';
import { checkedDraft } from '../src/capabilities/entities.draft.ts';
import * as documents from '../src/dialect/documents.ts';
import { checkedName, flatten } from '../src/dialect/names.ts';
import type { Document } from '../src/dialect/operation.ts';
import { compileFilter } from '../src/filter/compile.ts';
import { entityTypeOf } from '../src/schema/json-schema.ts';
import type { EntityModel, StreamModel } from '../src/schema/model.ts';
import { planStreams } from '../src/schema/streams-in-use.ts';
import { TypeNames } from '../src/schema/type-names.ts';
import { documentedSchema, modelOf } from './schema.ts';

const model = modelOf(documentedSchema, { ids: ['Industry.Energy', 'Industry.Common'], units: new Map() });
const meter = model.entities.get('IndustryEnergyEnergyMeter') as EntityModel;
const location = model.entities.get('IndustryCommonLocation') as EntityModel;
const person = model.entities.get('Person') as EntityModel;
const reading = model.streams.get('IndustryEnergyMeterReading') as StreamModel;
const association = (name: string) =>
  meter.associations.find((one) => one.name === name) as EntityModel['associations'][number];

describe('a schema', () => {
  it('is read into types, attributes, associations and streams', () => {
    expect([...model.entities.values()].map(({ name }) => name)).toEqual([
      'Industry.Energy/EnergyMeter',
      'Industry.Common/Location',
      'Person',
    ]);
    expect(meter.attributes.map(({ name, kind }) => `${name}:${kind}`)).toEqual([
      'wellKnownName:text',
      'name:text',
      'serialNumber:text',
      'manufacturer:text',
      'status:enum',
      'installed:instant',
      'maxCapacity:number',
      'pulses:long',
      'phases:integer',
      'isVirtual:boolean',
      'tags:other',
      'calibration:other',
    ]);
    expect(meter.associations.map(({ name, objectTypes, union }) => [name, objectTypes, union])).toEqual([
      ['location', ['Location'], false],
      ['contacts', ['Person', 'Location'], true],
    ]);
    expect(meter.readingTypes).toEqual(['ReadingView']);
    expect(reading.attributes.map(({ name }) => name)).toEqual(['voltage', 'power', 'ok', 'note']);
    expect(person.listing.pageInfo).toBe('pageInfo { hasNextPage endCursor totalCount }');
  });

  it('becomes JSON Schema', () => {
    const type = entityTypeOf(meter, (name) => name);
    expect(type).toMatchObject({ readOnly: false, operations: ['create', 'update', 'remove', 'relate'] });
    expect(type.schema).toMatchObject({ required: ['serialNumber'], additionalProperties: false });
    expect(entityTypeOf(person, (name) => name)).toMatchObject({ readOnly: true, operations: [] });
  });

  it('shows which entities a stream measures, by its view or its name', () => {
    const plan = planStreams(model, undefined, new Map());
    // `ReadingView` shows rows of `Reading`, which is what the stream's rows are.
    expect(plan.deviceTypes.map(({ flat }) => flat)).toEqual(['IndustryEnergyEnergyMeter']);
    const named = planStreams(
      model,
      [{ type: 'Industry.Energy/EnergyMeter', stream: 'Industry.Energy/Nothing' }],
      new Map(),
    );
    expect(named.missing).toEqual(['the tenant has no stream Industry.Energy/Nothing']);
  });

  it('gives two streams of the same entities signals of their own', () => {
    const second = { ...reading, flat: 'IndustryEnergyPowerQuality', name: 'Industry.Energy/PowerQuality' };
    const both = { ...model, streams: new Map([...model.streams, [second.flat, second]]) };
    const measured = new Map([[second.flat, ['IndustryEnergyEnergyMeter']]]);
    const plan = planStreams(both, undefined, measured);
    expect(plan.streams.map(({ signalOf }) => signalOf('power'))).toEqual(['MeterReading.power', 'PowerQuality.power']);
    const apart = planStreams(both, undefined, new Map([[second.flat, ['IndustryCommonLocation']]]));
    expect(apart.streams.map(({ signalOf }) => signalOf('power'))).toEqual(['power', 'power']);
  });
});

describe('names', () => {
  it('get their library back where it can be told', () => {
    const names = new TypeNames(['Industry', 'Industry.Energy', 'My'], ['My.Own/Thing']);
    expect(names.nameOf('IndustryEnergyEnergyMeter')).toBe('Industry.Energy/EnergyMeter');
    expect(names.nameOf('IndustryMachine')).toBe('Industry/Machine');
    expect(names.nameOf('MyOwnThing')).toBe('My.Own/Thing');
    expect(names.nameOf('Mything')).toBe('Mything');
    for (const name of ['Industry.Energy/EnergyMeter', 'IndustryEnergyEnergyMeter']) {
      expect(flatten(name)).toBe('IndustryEnergyEnergyMeter');
    }
  });

  it.each(['a b', 'a{b', '', '1a', 'é', 'a'.repeat(201), 'a\n'])('%j never stands in a document', (name) => {
    expect(() => checkedName(name, 'field')).toThrow('is not a name');
  });
});

describe('documents', () => {
  const page = { first: 5, after: 'c', filter: { rtId: { gt: 'x' } }, orderBy: { rtId: 'ASC' as const } };
  const selection = documents.entitySelection(meter);
  const draft = checkedDraft(meter, { serialNumber: 's"{', status: 'Active', wellKnownName: 'w' }, 'create');
  const all: Record<string, Document> = {
    pages: documents.entityPages([
      { model: meter, page, selection },
      { model: location, page: { first: 3, filter: { nothing: {} } }, selection: 'rtId' },
    ]),
    byId: documents.entityById(meter, 'x"', selection),
    byName: documents.entityByWellKnownName(meter, '") { evil }'),
    related: documents.relatedEntities(meter, association('location'), {
      rtId: 'x',
      page: { first: 2, after: 'c' },
      targets: [location],
    }),
    union: documents.relatedEntities(meter, association('contacts'), {
      rtId: 'x',
      page: { first: 2 },
      targets: [person, location],
    }),
    link: documents.entityPages([
      {
        model: meter,
        page: { first: 1 },
        selection: `rtId ${documents.linkSelection(association('location'), ['rtId', 'name'])}`,
      },
    ]),
    rows: documents.streamPages([
      { stream: reading, page: { first: 1000, orderBy: { timestamp: 'ASC' } }, attributes: ['power', 'ok'] },
      {
        stream: reading,
        page: { first: 1000, filter: { timestamp: { gte: '2024-01-01T00:00:00Z' } } },
        attributes: [],
      },
    ]),
    create: documents.createEntity(meter, draft),
    update: documents.updateEntity(meter, 'x', { attributes: { status: 'Maintenance' } }),
    remove: documents.deleteEntity(meter, 'x'),
    relate: documents.addAssociation(meter, { rtId: 'x', association: 'location', targetRtIds: ['y'] }),
  };

  it.each(Object.entries(all))('%s fits the schema, and holds no value', (_name, { query, variables }) => {
    expect(validate(documentedSchema, parse(query))).toEqual([]);
    for (const value of ['x"', 'evil', 's"{', 'Maintenance', 'c']) expect(query).not.toContain(`"${value}`);
    expect(query).not.toContain('"');
    // Variables that a document declares are given, and no others.
    expect(
      Object.keys(variables)
        .map((name) => `$${name}:`)
        .every((name) => query.includes(name)),
    ).toBe(true);
    for (const listing of query.matchAll(/rt\w+?\(([^)]*)\) \{ items/g)) expect(listing[1]).toContain('first:');
  });

  it('a type that cannot be changed says so', () => {
    expect(() => documents.createEntity(person, { attributes: {} })).toThrow('cannot be created');
  });
});

describe('a filter', () => {
  const compiled = (text: string) => compileFilter(parseFilter(text), meter);

  it.each([
    ['attributes.status eq "Active"', { status: { eq: 'Active' } }],
    ['attributes.serialNumber ne "x"', { serialNumber: { neq: 'x' } }],
    ['attributes.phases eq 1 or attributes.phases eq 3', { phases: { in: [1, 3] } }],
    ['nativeId eq "a" or nativeId eq "b"', { rtId: { in: ['a', 'b'] } }],
    [
      'attributes.name sw "a" and (attributes.maxCapacity ge 1 or attributes.isVirtual ne true)',
      { AND: [{ name: { startsWith: 'a' } }, { OR: [{ maxCapacity: { gte: 1 } }, { isVirtual: { neq: true } }] }] },
    ],
  ])('%s is the vendor’s altogether', (text, pushed) => {
    expect(compiled(text)).toEqual({ pushed });
  });

  it.each([
    'not (attributes.status eq "Active")',
    'attributes.manufacturer pr',
    'attributes.manufacturer eq null',
    'attributes.manufacturer ne "ABB"',
    'name eq "Main"',
    'attributes.name lt "M"',
    'attributes.name co ""',
    'attributes.phases eq 1.5',
    'attributes.phases eq 5000000000',
    'attributes.phases eq "1"',
    'attributes.status eq "Broken"',
    'attributes.status co "Act"',
    'attributes.tags eq "a"',
    'attributes.calibration.certificate eq "a"',
    'attributes.pulses ne 5',
    'nativeId gt "a"',
    'attributes.status eq "Active" or attributes.name lt "M"',
  ])('%s stays here altogether', (text) => {
    const { pushed, residual } = compiled(text);
    expect(pushed).toBeUndefined();
    expect(residual).toMatchObject(parseFilter(text));
  });

  it.each(['attributes.installed ge "2024-01-01T00:00:00Z"', 'attributes.pulses gt 5'])(
    '%s is done on both sides',
    (text) => {
      const { pushed, residual } = compiled(text);
      expect(pushed).toBeDefined();
      expect(residual).toMatchObject(parseFilter(text));
    },
  );
});
