import { describe, expect, it } from '@jest/globals';
import { AuthenticationError, UnavailableError } from '@tributary/contracts';
import { ManualClock, silentLogger } from '@tributary/runtime';
import type { TokenValue } from '../connection-kit.ts';
import { TokenKeeper } from './token-keeper.ts';

function keeper(lifeMs: number | undefined) {
  const clock = new ManualClock();
  const acquired: (TokenValue | undefined)[] = [];
  const next: { error?: Error; wait?: Promise<void> } = {};
  const source = {
    acquire: async (previous: TokenValue | undefined) => {
      acquired.push(previous);
      const value = `t${acquired.length}`;
      await next.wait;
      if (next.error) throw next.error;
      return { value, ...(lifeMs === undefined ? {} : { expiresAtMs: clock.now() + lifeMs }) };
    },
    attach: () => undefined,
  };
  return { clock, acquired, next, tokens: new TokenKeeper(source, { clock, log: silentLogger }) };
}

const textOf = async (tokens: TokenKeeper) => (await tokens.current()).value.value;

describe('a token', () => {
  it('is acquired once for all who ask, and kept', async () => {
    const { tokens, acquired } = keeper(undefined);
    expect(await Promise.all([1, 2, 3].map(() => textOf(tokens)))).toEqual(['t1', 't1', 't1']);
    expect(await textOf(tokens)).toBe('t1');
    expect(acquired).toEqual([undefined]);
  });

  it('is renewed at four fifths of its life while requests go on with the old one', async () => {
    const { tokens, acquired, clock, next } = keeper(100_000);
    await textOf(tokens);
    await clock.advance(79_999);
    expect(await textOf(tokens)).toBe('t1');
    expect(acquired).toHaveLength(1);
    await clock.advance(1);
    const held = Promise.withResolvers<void>();
    next.wait = held.promise;
    expect(await textOf(tokens)).toBe('t1');
    expect(await textOf(tokens)).toBe('t1');
    expect(acquired.map((previous) => previous?.value)).toEqual([undefined, 't1']);
    held.resolve();
    await clock.advance(0);
    expect(await textOf(tokens)).toBe('t2');
  });

  it('stays in use when its early renewal fails, and is tried again a little later', async () => {
    const { tokens, acquired, clock, next } = keeper(100_000);
    await textOf(tokens);
    await clock.advance(80_000);
    next.error = new UnavailableError('away');
    for (let n = 0; n < 5; n++) expect(await textOf(tokens)).toBe('t1');
    await clock.advance(0);
    expect(acquired).toHaveLength(2);
    await clock.advance(10_000);
    await textOf(tokens);
    expect(acquired).toHaveLength(3);
    await clock.advance(10_000);
    await expect(tokens.current()).rejects.toThrow('away');
  });

  it('is not thought over because the clock of the platform is behind', async () => {
    const { tokens, acquired } = keeper(-3_600_000);
    await textOf(tokens);
    await textOf(tokens);
    expect(acquired).toHaveLength(1);
  });

  it('is replaced once for all who were refused, and not by those who were refused late', async () => {
    const { tokens, acquired } = keeper(undefined);
    const old = await tokens.current();
    const refusal = new AuthenticationError('401');
    const fresh = await Promise.all([1, 2, 3].map(() => tokens.refused(old, refusal)));
    expect(fresh.map(({ value }) => value.value)).toEqual(['t2', 't2', 't2']);
    expect((await tokens.refused(old, refusal)).value.value).toBe('t2');
    expect(acquired).toHaveLength(2);
  });

  it('whose fresh successor is refused too is not replaced for a growing while', async () => {
    const { tokens, acquired, clock } = keeper(undefined);
    const refusal = new AuthenticationError('401');
    const pauses = [30_000, 60_000, 120_000];
    for (const pauseMs of pauses) {
      const fresh = await tokens.refused(await tokens.current(), refusal);
      tokens.refusedAgain();
      tokens.refusedAgain();
      const logIns = acquired.length;
      await clock.advance(pauseMs - 1);
      await expect(tokens.refused(fresh, refusal)).rejects.toBe(refusal);
      expect(acquired).toHaveLength(logIns);
      await clock.advance(1);
    }
  });
});

describe('a refused log-in', () => {
  it('is not tried again before its pause, which grows to a quarter of an hour, or until reset', async () => {
    const { tokens, acquired, clock, next } = keeper(undefined);
    next.error = new AuthenticationError('wrong password');
    for (const pauseMs of [30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000]) {
      const tries = acquired.length;
      await expect(tokens.current()).rejects.toThrow('wrong password');
      await expect(tokens.current()).rejects.toMatchObject({ code: 'authentication', retryAfterMs: pauseMs });
      await clock.advance(pauseMs - 1);
      await expect(tokens.current()).rejects.toMatchObject({ retryAfterMs: 1 });
      expect(acquired).toHaveLength(tries + 1);
      await clock.advance(1);
    }
    await expect(tokens.current()).rejects.toThrow();
    tokens.reset();
    delete next.error;
    expect(await textOf(tokens)).toMatch(/^t/);
  });

  it('drops what it was tried with: the next one is a full log-in', async () => {
    const { tokens, acquired, clock, next } = keeper(10_000);
    await textOf(tokens);
    await clock.advance(10_000);
    next.error = new AuthenticationError('refresh token used up');
    await expect(tokens.current()).rejects.toThrow();
    await clock.advance(30_000);
    await expect(tokens.current()).rejects.toThrow();
    expect(acquired.map((previous) => previous?.value)).toEqual([undefined, 't1', undefined]);
  });

  it('is not what an outage is: that is asked again by the next caller', async () => {
    const { tokens, acquired, next } = keeper(undefined);
    next.error = new UnavailableError('away');
    await expect(tokens.current()).rejects.toThrow('away');
    delete next.error;
    expect(await textOf(tokens)).toBe('t2');
    expect(acquired).toHaveLength(2);
  });

  it('leaves a caller who gives up alone, and the others with their token', async () => {
    const { tokens, next } = keeper(undefined);
    const held = Promise.withResolvers<void>();
    next.wait = held.promise;
    const stop = new AbortController();
    const impatient = tokens.current(stop.signal);
    const patient = tokens.current();
    stop.abort(new Error('enough'));
    await expect(impatient).rejects.toThrow('enough');
    held.resolve();
    expect((await patient).value.value).toBe('t1');
  });

  it('ends by itself when the platform does not answer', async () => {
    const clock = new ManualClock();
    const source = {
      acquire: (_previous: TokenValue | undefined, signal: AbortSignal) =>
        new Promise<TokenValue>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      attach: () => undefined,
    };
    const failing = new TokenKeeper(source, { clock, log: silentLogger }).current().catch((error: unknown) => error);
    await clock.advance(30_000);
    expect(await failing).toMatchObject({ code: 'timeout' });
  });
});
