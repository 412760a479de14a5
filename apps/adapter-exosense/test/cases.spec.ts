import { describe, expect, it } from '@jest/globals';
import { type Mappings, mappingCases } from '@tributary/adapter-kit/testing';
import { spacesOf } from '../src/capabilities/devices.ts';
import {
  assetAttributes,
  assetEntity,
  deviceSnapshot,
  distinct,
  lastHeardOf,
  listedEntity,
  platformEvent,
  platformUser,
  pointOf,
  primitiveTypeOf,
  statusAttributes,
  timedValue,
} from '../src/mapping.ts';
import { ucumOf } from '../src/units.ts';
import * as wire from '../src/wire.ts';

const signalsOf = ({ signals }: wire.Asset) => (signals ?? []).map((signal) => wire.signal.parse(signal));

const mappings: Mappings = {
  asset: ({ asset, groups }: { asset: unknown; groups: unknown[] }) => {
    const read = wire.asset.parse(asset);
    const tree = new Map(groups.map((each) => wire.group.parse(each)).map((group) => [group.id, group]));
    return deviceSnapshot(read, signalsOf(read), spacesOf(read, tree));
  },
  attributes: (payload) => {
    const read = wire.asset.parse(payload);
    return assetAttributes(read, signalsOf(read));
  },
  'asset-entity': (payload) => assetEntity(wire.asset.parse(payload)),
  points: ({ signal }: { signal: unknown }) => {
    const read = wire.signalData.parse(signal);
    const rows = (read.data ?? []).flatMap((row) => timedValue(primitiveTypeOf(read)).safeParse(row).data ?? []);
    return distinct(rows).map((reading) => pointOf(read.id, ucumOf(read.units), reading));
  },
  status: (payload) => {
    const status = wire.assetStatus.parse(payload);
    return { lastHeardMs: lastHeardOf(status) ?? null, attributes: statusAttributes(status) };
  },
  log: (payload) => platformEvent(wire.logEntry.parse(payload)),
  user: (payload) => platformUser(wire.user.parse(payload)),
  product: (payload) => listedEntity('product', 'pid', wire.listed.parse(payload)),
};

const cases = mappingCases(new URL('./cases/', import.meta.url), mappings);

describe('mapping cases', () => {
  it.each(cases)('%s', (_name, mapped, expected) => expect(mapped()).toEqual(expected));
});
