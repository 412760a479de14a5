import { describe, expect, it } from '@jest/globals';
import type { Link } from '@tributary/contracts';
import { MendedWays } from './mended-ways.ts';

const look = (nowMs: number, silentLink: Link = 'vendor', silences = 3) => ({
  device: { deviceId: 'd1', silences, silentLink },
  verdict: { staleAfterMs: 10_000 },
  nowMs,
});

describe('what is said of a silence that goes on', () => {
  it('blames what lies further on only when the device has had as long as it may be silent since the mending', () => {
    const ways = new MendedWays();
    expect(ways.mayBeSaid('device', look(1_000))).toBe(false);
    expect(ways.mayBeSaid('network', look(10_999))).toBe(false);
    expect(ways.mayBeSaid('device', look(11_000))).toBe(true);
  });

  it('blames at once what lies before, and begins anew when the link is broken again', () => {
    const ways = new MendedWays();
    ways.mayBeSaid('device', look(0));
    expect(ways.mayBeSaid('credential', look(1_000))).toBe(true);
    ways.mayBeSaid('device', look(2_000));
    expect(ways.mayBeSaid('vendor', look(9_000))).toBe(true);
    expect(ways.mayBeSaid('device', look(13_000))).toBe(false);
  });

  it('begins anew with the next silence', () => {
    const ways = new MendedWays();
    ways.mayBeSaid('device', look(0));
    expect(ways.mayBeSaid('device', look(60_000, 'vendor', 4))).toBe(false);
  });
});
