import { describe, expect, it } from '@jest/globals';
import { Presence } from './presence.ts';

const tell = (presence: Presence, nowMs: number) => [...presence.changes('d', nowMs)];

describe('Presence', () => {
  it('tells when a device falls silent and when it is heard again, once each', () => {
    const presence = new Presence(100);
    presence.heard('d', 1000);
    expect(tell(presence, 1050)).toEqual([]);
    expect(tell(presence, 1101)).toMatchObject([{ name: 'device.offline', tsMs: 1100, key: 'd/offline/1000' }]);
    expect(tell(presence, 1200)).toEqual([]);
    presence.heard('d', 1300);
    expect(tell(presence, 1310)).toMatchObject([{ name: 'device.online', tsMs: 1300, key: 'd/online/1300' }]);
    expect(tell(presence, 1320)).toEqual([]);
  });

  it('tells the same of a silent device after a restart, under the same key', () => {
    const presence = new Presence(100);
    presence.heard('d', 1000);
    const [first] = tell(presence, 5000);
    presence.forget();
    presence.heard('d', 1000);
    expect(tell(presence, 9000)[0]?.key).toBe(first?.key);
  });

  it('says nothing of a device that was never heard', () => {
    expect(tell(new Presence(100), 5000)).toEqual([]);
  });

  it('is not led back by what is older', () => {
    const presence = new Presence(100);
    presence.heard('d', 2000);
    presence.heard('d', 1000);
    expect(tell(presence, 2050)).toEqual([]);
  });
});
