import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '@tributary/testing';
import type { OchnoClient } from './client.ts';
import { StreamAccess } from './stream-access.ts';

const never = new AbortController().signal;

/** A platform whose clock runs ahead of ours by `skewMs` and gives credentials of `lifeMs`. */
function setUp({
  skewMs = 0,
  lifeMs = 3_600_000,
  expiration,
}: {
  skewMs?: number;
  lifeMs?: number;
  expiration?: string;
} = {}) {
  const clock = new ManualClock();
  let asked = 0;
  const client = {
    streamAccess: async () => {
      asked += 1;
      const serverNowMs = clock.now() + skewMs;
      const access = {
        accessKeyId: `key-${asked}`,
        secretKey: 's',
        sessionToken: 't',
        region: 'eu-west-1',
        host: 'a.example',
        expiration: expiration ?? new Date(serverNowMs + lifeMs).toISOString(),
      };
      return { access, serverNowMs };
    },
  } as Partial<OchnoClient> as OchnoClient;
  return { clock, access: new StreamAccess('c', client, clock), asked: () => asked };
}

describe('OCHNO-05 the credentials of a stream', () => {
  it('are asked for once for all who need them, and again only near their end', async () => {
    const { clock, access, asked } = setUp();
    const all = await Promise.all([access.current(never), access.current(never), access.current(never)]);
    expect(new Set(all).size).toBe(1);
    await clock.advance(3_597_000);
    expect(await access.current(never)).toBe(all[0]);
    await clock.advance(1_000);
    await access.current(never);
    expect(asked()).toBe(2);
  });

  it('are due for renewal at three quarters of their life, and renewed once a period', async () => {
    const { access, asked } = setUp({ lifeMs: 20_000 });
    const first = await access.current(never);
    expect(access.renewInMs(first)).toBe(15_500);
    const second = await access.successorOf(first, never);
    expect(await access.successorOf(first, never)).toBe(second);
    expect(asked()).toBe(2);
  });

  it('are not used again once they may be why a door stayed shut', async () => {
    const { access, asked } = setUp();
    const first = await access.current(never);
    access.discard(first);
    const second = await access.current(never);
    access.discard(first);
    expect(await access.current(never)).toBe(second);
    expect(asked()).toBe(2);
  });

  it('live by the platform’s clock, which signs as well where it differs', async () => {
    const apart = setUp({ skewMs: 600_000 });
    expect(await apart.access.current(never)).toMatchObject({ skewMs: 600_000, lifeMs: 3_600_000 });
    const close = setUp({ skewMs: -900 });
    expect(await close.access.current(never)).toMatchObject({ skewMs: 0, lifeMs: 3_599_100 });
  });

  it.each(['soon', '', '1999-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])(
    'live an hour, as documented, where their end is %j',
    async (expiration) => {
      expect(await setUp({ expiration }).access.current(never)).toMatchObject({ lifeMs: 3_600_000 });
    },
  );
});
