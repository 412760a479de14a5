import { describe, expect, it } from '@jest/globals';
import { AuthenticationError } from '@tributary/contracts';
import { ManualClock, silentLogger } from '@tributary/runtime';
import type { TokenSource } from '../connection-kit.ts';
import { MemoryTokenStore } from './memory-token-store.ts';
import { SharedToken } from './shared-token.ts';
import { StrictVendor } from './testing/strict-vendor.ts';
import { TokenKeeper } from './token-keeper.ts';

const LIFE_MS = 5_000;

function setUp(lifeMs = LIFE_MS) {
  const clock = new ManualClock();
  const vendor = new StrictVendor(clock, lifeMs);
  const store = new MemoryTokenStore(clock);
  const replica = (source: TokenSource = vendor.source()) => {
    const strictly = source.shared === 'strictly';
    const shared = new SharedToken({ store, strictly, clock, log: silentLogger });
    return new TokenKeeper(source, { clock, log: silentLogger, shared });
  };
  /** Waits for it while time goes on. */
  const during = async <T>(work: Promise<T>, ms = 40_000): Promise<T> => {
    let ended = false;
    const watched = work.finally(() => {
      ended = true;
    });
    watched.catch(() => undefined);
    for (let past = 0; past < ms && !ended; past += 10) await clock.advance(10);
    return watched;
  };
  const textOf = async (keeper: TokenKeeper) => (await during(keeper.current())).value.value;
  return { clock, vendor, store, replica, during, textOf };
}

describe('three replicas of one token', () => {
  it('renew it once for all, for as long as they live, and log in once', async () => {
    const { clock, vendor, replica } = setUp();
    const replicas = [replica(), replica(), replica()];
    const refused: string[] = [];
    for (let ms = 0; ms < 300_000; ms += 100) {
      for (const keeper of replicas) {
        void keeper.current().then(({ value }) => {
          if (!vendor.takes(value.value)) refused.push(value.value);
        });
      }
      await clock.advance(100);
    }
    expect(refused).toEqual([]);
    expect(vendor).toMatchObject({ logIns: 1, reused: 0 });
    // Each lives for four to five seconds.
    expect(vendor.refreshes).toBeGreaterThanOrEqual(300 / 5 - 1);
    expect(vendor.refreshes).toBeLessThanOrEqual(300 / 4 + 1);
  });

  it('replace one that the platform refuses early once, whoever notices', async () => {
    const { vendor, replica, during, textOf } = setUp();
    const replicas = [replica(), replica(), replica()];
    for (const keeper of replicas) expect(await textOf(keeper)).toBe('secret-token-1');
    vendor.forget('secret-token-1');
    const refusal = new AuthenticationError('401');
    const after = replicas.map(async (keeper) => keeper.refused(await keeper.current(), refusal));
    const values = await during(Promise.all(after));
    expect(values.map(({ value }) => value.value)).toEqual(Array(3).fill('secret-token-2'));
    expect(vendor).toMatchObject({ logIns: 1, refreshes: 1, reused: 0 });
  });

  it('go on after a restart with what renews it', async () => {
    const { clock, vendor, replica, textOf } = setUp();
    const first = replica();
    await textOf(first);
    first.close();
    await clock.advance(60_000);
    expect(await textOf(replica())).toBe('secret-token-2');
    expect(vendor).toMatchObject({ logIns: 1, refreshes: 1, reused: 0 });
  });

  it('wait for one that died while it renewed no longer than its claim', async () => {
    const { clock, store, replica, textOf, vendor } = setUp();
    await store.claim('dead', 15_000);
    const waitingSince = clock.monotonicMs();
    expect(await textOf(replica())).toBe('secret-token-1');
    expect(clock.monotonicMs() - waitingSince).toBeLessThan(16_000);
    expect(vendor.logIns).toBe(1);
  });

  it('keep out of the way of one that is slow', async () => {
    const { clock, vendor, replica, during } = setUp();
    vendor.latency = () => clock.sleep(25_000);
    const values = await during(Promise.all([replica(), replica()].map((keeper) => keeper.current())));
    expect(values.map(({ value }) => value.value)).toEqual(['secret-token-1', 'secret-token-1']);
    expect(vendor.logIns).toBe(1);
  });
});

describe('a refresh that is refused', () => {
  it('is offered by nobody again: the next is one full log-in', async () => {
    const { clock, vendor, replica, during, textOf } = setUp();
    const replicas = [replica(), replica()];
    for (const keeper of replicas) await textOf(keeper);
    await clock.advance(LIFE_MS);
    vendor.refusing = true;
    const [first, second] = replicas.map((keeper) => during(keeper.current()));
    await expect(Promise.any([first, second])).resolves.toMatchObject({ value: { value: 'secret-token-2' } });
    expect(vendor).toMatchObject({ logIns: 2, refreshes: 0 });
  });

  it('on its way is lost, not refused: it is offered again', async () => {
    const { clock, vendor, replica, during, textOf } = setUp();
    const keeper = replica();
    await textOf(keeper);
    await clock.advance(LIFE_MS);
    const { acquire } = vendor.source();
    let lost = true;
    const flaky = replica({
      ...vendor.source(),
      acquire: async (previous, signal) => {
        if (!lost) return acquire(previous, signal);
        lost = false;
        throw new TypeError('fetch failed');
      },
    });
    await expect(during(flaky.current())).rejects.toThrow('fetch failed');
    expect(await textOf(flaky)).toBe('secret-token-2');
    expect(vendor).toMatchObject({ logIns: 1, refreshes: 1 });
  });
});

describe('while the store is away', () => {
  it('each replica logs in by itself; afterwards they share again', async () => {
    const { clock, vendor, store, replica, textOf } = setUp();
    store.away = true;
    const replicas = [replica(), replica()];
    expect(await Promise.all(replicas.map(textOf))).toEqual(['secret-token-1', 'secret-token-2']);
    expect(vendor.logIns).toBe(2);
    store.away = false;
    await clock.advance(LIFE_MS);
    const shared = [await textOf(replicas[0] as TokenKeeper), await textOf(replicas[1] as TokenKeeper)];
    expect(new Set(shared).size).toBe(1);
  });

  it('a token that lives is used to its end, and nobody logs in', async () => {
    const { clock, vendor, store, replica, textOf } = setUp(100_000);
    const keeper = replica();
    await textOf(keeper);
    store.away = true;
    await clock.advance(70_000);
    expect(await textOf(keeper)).toBe('secret-token-1');
    expect(vendor.logIns).toBe(1);
  });

  it('nobody logs in where the credentials are good once', async () => {
    const { vendor, store, replica, during } = setUp();
    store.away = true;
    await expect(during(replica(vendor.source('strictly')).current())).rejects.toMatchObject({ code: 'unavailable' });
    expect(vendor.logIns).toBe(0);
  });

  it('what was just renewed is kept as soon as it answers, before anybody uses what is over', async () => {
    const { clock, vendor, store, replica, textOf } = setUp();
    const [first, second] = [replica(), replica()];
    await textOf(first);
    await clock.advance(LIFE_MS);
    vendor.latency = async () => {
      store.away = true;
    };
    expect(await textOf(first)).toBe('secret-token-2');
    vendor.latency = async () => {};
    await clock.advance(1_500);
    store.away = false;
    expect(await textOf(second)).toBe('secret-token-2');
    await clock.advance(LIFE_MS);
    expect(await textOf(second)).toBe('secret-token-3');
    expect(vendor).toMatchObject({ logIns: 1, refreshes: 2, reused: 0 });
  });
});

describe('a connection whose credentials were changed', () => {
  it('gets no token by the old ones', async () => {
    const { vendor, store, replica, during } = setUp();
    store.gone = true;
    await expect(during(replica().current())).rejects.toMatchObject({ code: 'unavailable' });
    expect(vendor.logIns).toBe(0);
  });
});

describe('signing out', () => {
  it('is done once for a shared token, whoever is told of the end', async () => {
    const { vendor, replica, textOf } = setUp();
    const replicas = [replica(), replica(), replica()];
    for (const keeper of replicas) await textOf(keeper);
    await Promise.all(replicas.map((keeper) => keeper.signOut()));
    expect(vendor.revoked).toEqual(['secret-token-1']);
  });

  it('of a token of its own, and never fails', async () => {
    const { clock, vendor, store, replica, textOf } = setUp();
    const own = new TokenKeeper(vendor.source(false), { clock, log: silentLogger });
    await textOf(own);
    await own.signOut();
    expect(vendor.revoked).toEqual(['secret-token-1']);
    const shared = replica();
    await textOf(shared);
    store.away = true;
    await shared.signOut();
    expect(vendor.revoked).toHaveLength(1);
  });
});

describe('a reset', () => {
  it('leaves the token to the others, and uses it again unless it is refused', async () => {
    const { vendor, replica, textOf } = setUp();
    const keeper = replica();
    await textOf(keeper);
    keeper.reset();
    expect(await textOf(keeper)).toBe('secret-token-1');
    expect(vendor).toMatchObject({ logIns: 1, refreshes: 0 });
  });
});
