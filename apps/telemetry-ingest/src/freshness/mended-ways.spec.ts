import { describe, expect, it } from '@jest/globals';
import { MendedWays } from './mended-ways.ts';

const MAY_BE = { staleAfterMs: 10_000 };
const silent = { deviceId: 'd1', silences: 3, silentLink: 'credential' as const };

describe('a device whose broken link was mended', () => {
  it('is to blame itself only when it has had as long as it may be silent', () => {
    const ways = new MendedWays();
    expect(ways.hasHadItsTurn(silent, MAY_BE, 1_000)).toBe(false);
    expect(ways.hasHadItsTurn(silent, MAY_BE, 10_999)).toBe(false);
    expect(ways.hasHadItsTurn(silent, MAY_BE, 11_000)).toBe(true);
  });

  it('begins anew with the next silence, and is no question where it was the device all along', () => {
    const ways = new MendedWays();
    ways.hasHadItsTurn(silent, MAY_BE, 0);
    expect(ways.hasHadItsTurn({ ...silent, silences: 4 }, MAY_BE, 60_000)).toBe(false);
    expect(ways.hasHadItsTurn({ ...silent, silentLink: 'device' }, MAY_BE, 0)).toBe(true);
  });
});
