import { describe, expect, it } from '@jest/globals';
import type { Leaf } from './leaves.ts';
import { PortStates } from './port-states.ts';

const of = (values: Record<string, Leaf>) => new Map(Object.entries(values));
const lamp = { connected: true, 'device.vendorId': '1', 'device.product': 'Lamp', 'lamp.level': 5 };

describe('PortStates', () => {
  it('merges parts, and leaves what is known alone when something comes late', () => {
    const states = new PortStates();
    states.say('p', of(lamp), 10, 10);
    states.say('p', of({ 'lamp.level': 7 }), 20, 20);
    states.say('p', of({ 'lamp.level': 6 }), 15, 21);
    expect(Object.fromEntries(states.values('p') ?? [])).toEqual({ ...lamp, 'lamp.level': 7 });
    expect(states.newest('p')).toBe(20);
  });

  it('drops what a device said when it goes, and tells so', () => {
    const states = new PortStates();
    expect(states.say('p', of(lamp), 10, 10).plug).toBeUndefined();
    const gone = states.say('p', of({ connected: false }), 20, 20);
    expect(gone.plug?.change).toBe('unplugged');
    expect(Object.fromEntries(states.values('p') ?? [])).toEqual({ connected: false });
    expect(states.say('p', of({ connected: false }), 30, 30).plug).toBeUndefined();
    expect(states.say('p', of(lamp), 40, 40).plug?.change).toBe('plugged');
  });

  it('notices another device even when nobody said that the first one went', () => {
    const states = new PortStates();
    states.say('p', of(lamp), 10, 10);
    const { plug, attributes } = states.say('p', of({ connected: true, 'device.vendorId': '2' }), 20, 20);
    expect(plug?.change).toBe('plugged');
    expect(attributes).toEqual([
      { scope: 'client', name: 'device.vendorId', value: '2', tsMs: 20 },
      { scope: 'client', name: 'device.product', tsMs: 20 },
    ]);
  });

  it('of a whole state that is read calls news only what differs', () => {
    const states = new PortStates();
    expect([...states.news('p', of(lamp), 10).keys()]).toEqual(Object.keys(lamp));
    states.say('p', of(lamp), 10);
    expect(states.news('p', of({ ...lamp, 'lamp.level': 9 }), 12)).toEqual(of({ 'lamp.level': 9 }));
    expect(states.news('p', of({ ...lamp, 'lamp.level': 9 }), 9).size).toBe(0);
  });

  it('shows a value only by a message that came after the order, and is newer than what was known before it', () => {
    const states = new PortStates();
    const seen = (sinceMs: number, afterT: number) => states.heard('p', 'lamp.level', { value: 5, sinceMs, afterT });
    states.say('p', of(lamp), 10, 1_010);
    expect(seen(1_000, 9)).toMatchObject({ tMs: 10 });
    expect(seen(1_011, 9)).toBeUndefined();
    expect(seen(1_000, 10)).toBeUndefined();
    // What the platform holds is no message.
    const other = new PortStates();
    other.say('p', of(lamp), 10);
    expect(other.heard('p', 'lamp.level', { value: 5, sinceMs: 0, afterT: 0 })).toBeUndefined();
  });

  it('gives two messages without a time two times', () => {
    const states = new PortStates();
    expect([states.stamp('p', 5), states.stamp('p', 5), states.stamp('q', 5), states.stamp('p', 100)]).toEqual([
      5, 6, 5, 100,
    ]);
  });
});
