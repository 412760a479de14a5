import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leavesOf } from './leaves.ts';

const leaves = (data: Record<string, unknown>) => Object.fromEntries(leavesOf(data) ?? []);

describe('leaves of a port', () => {
  it('are values by their path, whatever their type', () => {
    expect(
      leaves({ t: 5, connected: false, power: { watt: 0 }, sensor: { name: 'x', list: [1, 2] }, gone: null }),
    ).toEqual({ connected: false, 'power.watt': 0, 'sensor.name': 'x', 'sensor.list': [1, 2] });
  });

  it('have one name for what is nested in the plugged device and beside it; what stands beside wins', () => {
    expect(leaves({ device: { vendorId: '1', lamp: { level: 10, colour: { red: 1 } } } })).toEqual({
      'device.vendorId': '1',
      'lamp.level': 10,
      'lamp.colour.red': 1,
    });
    expect(leaves({ device: { lamp: { level: 1 } }, lamp: { level: 2 } })).toEqual({ 'lamp.level': 2 });
    expect(leaves({ device: 'a name' })).toEqual({ device: 'a name' });
  });

  it('are bounded in depth and number', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`) as Record<string, unknown>;
    expect(leavesOf(deep)).toBeUndefined();
    expect(leavesOf(deep.a as Record<string, unknown>)).toBeDefined();
    expect(leavesOf(Object.fromEntries(Array.from({ length: 513 }, (_, n) => [`v${n}`, n])))).toBeUndefined();
  });

  it('come out of any JSON without a throw, and hold no object and no null', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        for (const value of leavesOf(data)?.values() ?? []) {
          expect(value).not.toBeNull();
          expect(typeof value !== 'object' || Array.isArray(value)).toBe(true);
        }
      }),
    );
  });
});
