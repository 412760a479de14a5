import { describe, expect, it } from '@jest/globals';
import { type Mappings, mappingCases } from '@tributary/adapter-kit/testing';
import { attributeReports, deviceSnapshot, entityRecord, kitRecord, pointBatches, spaceOf } from '../src/mapping.ts';
import type { EntityModel, StreamModel } from '../src/schema/model.ts';
import * as wire from '../src/wire.ts';
import { documentedSchema, modelOf } from './schema.ts';

const model = modelOf(documentedSchema, { ids: ['Industry.Energy', 'Industry.Common'], units: new Map() });
const meter = model.entities.get('IndustryEnergyEnergyMeter') as EntityModel;
const stream = model.streams.get('IndustryEnergyMeterReading') as StreamModel;
const names = { name: 'name', serial: 'serialNumber', description: 'description' };
const units: Record<string, string> = { voltage: 'V', power: 'kW' };

const mappings: Mappings = {
  device: (payload) => deviceSnapshot(wire.runtimeEntity.parse(payload), meter, names, { spaces: [] }),
  space: (payload) => spaceOf(wire.runtimeEntity.parse(payload), 'Industry.Common/Location'),
  entity: (payload) => entityRecord(wire.runtimeEntity.parse(payload), meter),
  attributes: (payload) => attributeReports(entityRecord(wire.runtimeEntity.parse(payload), meter)),
  points: (rows: unknown[]) =>
    pointBatches(
      rows.map((row) => wire.streamRow.parse(row)),
      { stream, signalOf: (name) => name, unitOf: (name) => units[name] },
      'poll',
    ),
  kit: (payload) => kitRecord(wire.constructionKit.parse(payload), 'construction-kit'),
};

const cases = mappingCases(new URL('./cases/', import.meta.url), mappings);

describe('mapping cases', () => {
  it.each(cases)('%s', (_name, map, expected) => {
    const mapped = map() as { etag?: string };
    // An entity tag is opaque; that it changes with the record is shown below.
    if (mapped.etag !== undefined) mapped.etag = '(any)';
    expect(mapped).toEqual(expected);
  });

  it('an entity tag changes with the record, and not with the order of its members', () => {
    const etagOf = (entity: object) => entityRecord(wire.runtimeEntity.parse(entity), meter).etag;
    const one = { rtId: 'a', serialNumber: 's', phases: 3 };
    expect(etagOf({ phases: 3, serialNumber: 's', rtId: 'a' })).toBe(etagOf(one));
    expect(etagOf({ ...one, ckTypeId: 'Industry.Energy/EnergyMeter', manufacturer: null })).toBe(etagOf(one));
    for (const change of [{ phases: 4 }, { rtId: 'b' }, { wellKnownName: 'w' }]) {
      expect(etagOf({ ...one, ...change })).not.toBe(etagOf(one));
    }
  });
});
