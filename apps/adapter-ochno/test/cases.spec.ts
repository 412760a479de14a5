import { describe, expect, it } from '@jest/globals';
import { type Mappings, mappingCases } from '@tributary/adapter-kit/testing';
import { leavesOf } from '../src/leaves.ts';
import {
  action,
  entityRecord,
  hourlyPoints,
  hubAttributes,
  hubSnapshot,
  identityOf,
  plugEvent,
  pointsOf,
  portAttributes,
  portSnapshot,
  timeOf,
} from '../src/mapping.ts';
import * as wire from '../src/wire.ts';

const WHERE = {
  company: { id: 'c1', name: 'Ochno' },
  location: { id: 'l1', companyId: 'c1', name: 'Head office' },
  floorPlan: { id: 'f1', locationId: 'l1', name: null },
};
const PLACE = { company: 'c1', location: 'l1', hub: 'h1', port: 'p1' };

const leaves = (payload: unknown) => leavesOf(wire.portMessage.parse(payload)) ?? new Map();

const mappings: Mappings = {
  company: (payload) => entityRecord('company', wire.company.parse(payload)),
  port: (payload) => {
    const port = wire.port.parse(payload);
    return { snapshot: portSnapshot(port, WHERE), attributes: portAttributes(port) };
  },
  hub: (payload) => {
    const hub = wire.hub.parse(payload);
    return { snapshot: hubSnapshot(hub, WHERE), attributes: hubAttributes(hub) };
  },
  message: (payload) => pointsOf(leaves(payload), timeOf(payload) ?? 0),
  metric: ({ measurement, row }: { measurement: string; row: unknown }) =>
    hourlyPoints(measurement, wire.metricRow.parse(row)),
  action: ({ signal, value }: { signal: string; value: number }) => action(PLACE, signal, value),
  unplugged: (payload) => plugEvent('p1', 'unplugged', identityOf(leaves(payload)), timeOf(payload) ?? 0),
};

const cases = mappingCases(new URL('./cases/', import.meta.url), mappings);

describe('mapping cases', () => {
  it.each(cases)('%s', (_name, mapped, expected) => expect(mapped()).toEqual(expected));
});
