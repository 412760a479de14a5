import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leavesOf, mergePortData, type PortData } from './port-data.ts';

const names = (message: PortData): string[] => leavesOf(message).map(({ signal }) => signal);

describe('data of a port', () => {
  it('OCHNO-10 has a signal for every leaf, and none for the time', () => {
    const message = {
      t: 5,
      connected: true,
      power: { watt: 1.5, voltage: 5 },
      device: { vendorId: '1d50', type: 'lamp', lamp: { level: 10 } },
      sensor: { motion: false },
    };
    expect(leavesOf(message)).toEqual([
      { signal: 'connected', value: true },
      { signal: 'power.watt', value: 1.5 },
      { signal: 'power.voltage', value: 5 },
      { signal: 'device.vendorId', value: '1d50' },
      { signal: 'device.type', value: 'lamp' },
      { signal: 'lamp.level', value: 10 },
      { signal: 'sensor.motion', value: false },
    ]);
  });

  it('OCHNO-10 has one name for both nestings', () => {
    expect(names({ lamp: { level: 1 } })).toEqual(names({ device: { lamp: { level: 1 } } }));
    expect(names({ device: { sensor: { air: { co2: 1 } } } })).toEqual(['sensor.air.co2']);
  });

  it('OCHNO-10 merges what is partial', () => {
    const known = {
      t: 1,
      connected: true,
      power: { watt: 1, voltage: 5 },
      device: { type: 'lamp', lamp: { level: 5 } },
    };
    expect(mergePortData(known, { t: 2, power: { watt: 2 }, device: { lamp: { level: 6 } } })).toEqual({
      t: 2,
      connected: true,
      power: { watt: 2, voltage: 5 },
      device: { type: 'lamp', lamp: { level: 6 } },
    });
    expect(known.power.watt).toBe(1);
  });

  it('OCHNO-10 drops what the device said once it is gone', () => {
    const known = { t: 1, connected: true, lamp: { level: 5 }, device: { type: 'lamp' } };
    const gone = { t: 2, connected: false, power: { watt: 0 } };
    expect(mergePortData(known, gone)).toEqual(gone);
  });

  it('OCHNO-10 knows after a merge what the message said, whatever was known', () => {
    const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.string());
    const { data } = fc.letrec<{ data: PortData }>((tie) => ({
      data: fc.dictionary(
        fc.constantFrom('a', 'b', 'device', 'lamp'),
        fc.oneof({ depthSize: 'small' }, scalar, tie('data')),
        {
          maxKeys: 3,
        },
      ) as fc.Arbitrary<PortData>,
    }));
    fc.assert(
      fc.property(data, data, fc.integer(), (known, change, t) => {
        const after = new Map(
          leavesOf(mergePortData(known, { ...change, t })).map(({ signal, value }) => [signal, value]),
        );
        const said = leavesOf({ ...change, t });
        const once = said.filter(({ signal }) => said.filter((other) => other.signal === signal).length === 1);
        // Two nestings of one name may both be known; what was said is among them.
        for (const { signal } of once) expect(after.has(signal)).toBe(true);
      }),
    );
  });
});
