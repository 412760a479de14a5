import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
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

/** What a case's `mapping` names: its payload, as the vendor sends it, to what the contract wants. */
const mappings: Record<string, (payload: never) => unknown> = {
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

const folder = new URL('./cases/', import.meta.url);
const read = (name: string, file: string): unknown =>
  JSON.parse(readFileSync(new URL(`${name}/${file}`, folder), 'utf8'));

describe('mapping cases', () => {
  it.each(readdirSync(folder))('%s', (name) => {
    const { mapping, payload } = read(name, 'input.json') as { mapping: string; payload: never };
    expect(JSON.parse(JSON.stringify(mappings[mapping]?.(payload)))).toEqual(read(name, 'expected.json'));
  });
});
