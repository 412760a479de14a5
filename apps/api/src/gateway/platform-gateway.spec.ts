import { describe, expect, it, jest } from '@jest/globals';
import {
  AuthenticationError,
  ConflictError,
  InvalidRequestError,
  MalformedResponseError,
  NotFoundError,
  RateLimitedError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import type { BreakerNews } from '@tributary/database';
import { Metrics, silentLogger, systemClock } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { KnownAnswers } from './known-answers/known-answers.ts';
import { type AdapterQuestions, PlatformGateway } from './platform-gateway.ts';

const target = { ...connection('a'), version: 1 };
const other = { ...connection('b'), version: 1 };

function connection(letter: string) {
  const connectionId = `con_${letter.repeat(26)}`;
  return { platform: 'acme', connectionId, workspace: 'default', version: 1, readAtMs: 1, touches: {} };
}

function setUp(answer: () => Promise<unknown>) {
  const request = jest.fn(answer);
  const touch = jest.fn(async (_id: string, _scopes: readonly string[]) => {});
  const note = jest.fn((_news: BreakerNews) => {});
  const shared = { clock: systemClock, log: silentLogger, metrics: new Metrics('test') };
  const gateway = new PlatformGateway({
    ...shared,
    questions: { request } as unknown as AdapterQuestions,
    answers: new KnownAnswers({ ...shared, keepMs: 60_000, memoryBytes: 1_000_000 }),
    touches: { touch },
    breakers: { note },
  });
  const ask = (at = target) => gateway.ask(at, 'connection.budget', { connectionId: at.connectionId });
  const failure = async (at = target) => {
    try {
      await ask(at);
    } catch (error) {
      return error as { code: string; options?: { retryAfterMs?: number } };
    }
    throw new Error('it answered');
  };
  return { request, touch, note, gateway, ask, failure };
}

describe('PlatformGateway', () => {
  it('leaves a platform alone after repeated silence, answers without asking, and disturbs no other connection', async () => {
    const { request, gateway, failure } = setUp(async () => {
      throw new TimeoutError('no answer');
    });
    for (let i = 0; i < 5; i += 1) expect((await failure()).code).toBe('timeout');
    expect((await failure()).code).toBe('circuit-open');
    expect(request).toHaveBeenCalledTimes(5);
    for (let i = 0; i < 1_000; i += 1) expect((await failure()).code).toBe('circuit-open');
    expect(request).toHaveBeenCalledTimes(5);
    expect((await failure()).options?.retryAfterMs).toBeGreaterThan(0);
    expect(gateway.states(target.connectionId).read).toBe('open');
    expect((await failure(other)).code).toBe('timeout');
    gateway.close();
  });

  it('does not take an answer that it dislikes for a failure', async () => {
    const { request, gateway, failure } = setUp(async () => {
      throw new AuthenticationError('refused');
    });
    for (let i = 0; i < 20; i += 1) expect((await failure()).code).toBe('authentication');
    expect(request).toHaveBeenCalledTimes(20);
    gateway.close();
  });

  it('rests at once, and for as long, when the adapter says that its own breaker is open', async () => {
    const { request, gateway, failure } = setUp(async () => {
      throw new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 40_000 });
    });
    expect((await failure()).code).toBe('circuit-open');
    const refused = await failure();
    expect(refused.options?.retryAfterMs).toBeGreaterThan(20_000);
    expect(request).toHaveBeenCalledTimes(1);
    gateway.close();
  });

  it('tells what its breakers do and why, also that they are let go', async () => {
    let away = true;
    const { gateway, note, ask, failure } = setUp(async () => {
      if (away) throw new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 100 });
      return { budgets: [] };
    });
    await failure();
    away = false;
    await eventually('it asks again', () => ask().catch(() => undefined), { everyMs: 10 });
    const { connectionId } = target;
    const turn = { connectionId, class: 'read' };
    expect(note.mock.calls.map(([news]) => news)).toMatchObject([
      { ...turn, from: 'closed', to: 'open', code: 'circuit-open', failures: 1, retryAt: expect.any(Date) },
      { ...turn, from: 'open', to: 'half-open' },
      { ...turn, from: 'half-open', to: 'closed', failures: 0, code: undefined },
    ]);
    away = true;
    await failure();
    gateway.close();
    expect(note.mock.lastCall).toMatchObject([{ ...turn, from: 'open', to: 'closed', code: 'let-go' }]);
  }, 60_000);

  it('begins anew with a changed connection', async () => {
    const { request, gateway, ask, failure } = setUp(async () => {
      throw new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 40_000 });
    });
    await failure();
    await failure();
    expect(request).toHaveBeenCalledTimes(1);
    await ask({ ...target, version: 2 }).catch(() => undefined);
    expect(request).toHaveBeenCalledTimes(2);
    // Somebody who has read the connection before the change learns of the new one's failure.
    await failure();
    expect(request).toHaveBeenCalledTimes(2);
    gateway.close();
  });

  it('asks again after its rest, and closes with the first answer', async () => {
    let away = true;
    const { gateway, ask, failure } = setUp(async () => {
      if (away) throw new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 100 });
      return { budgets: [] };
    });
    await failure();
    away = false;
    const answer = await eventually('it asks again', () => ask().catch(() => undefined), { everyMs: 10 });
    expect(answer).toEqual({ budgets: [] });
    expect(gateway.states(target.connectionId).read).toBe('closed');
    gateway.close();
  }, 60_000);
});

describe('an answer that is known', () => {
  const record = (name: string) => ({ type: 'room', nativeId: 'r1', etag: '1', attributes: { name } });
  const address = { connectionId: target.connectionId, type: 'room', nativeId: 'r1' };
  /** The platform answers with this, or fails with it. */
  function platform(first: unknown) {
    const state = { now: first };
    const rig = setUp(async () => {
      if (state.now instanceof Error) throw state.now;
      return state.now;
    });
    const get = (at = target, staleness?: { upToMs: number; keep: boolean }) =>
      rig.gateway.askKnowing(at, 'entities.get', address, { staleness });
    return { ...rig, state, get };
  }

  it.each([
    ['platform-unavailable', new UnavailableError('no route')],
    ['platform-timeout', new TimeoutError('silence')],
    ['platform-rate-limited', new RateLimitedError('spent')],
    ['circuit-open', new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 40_000 })],
  ])('is given again, with its age and the reason: %s', async (because, failure) => {
    const { gateway, get, state } = platform(record('Boiler'));
    expect(await get()).toMatchObject({ reply: record('Boiler'), observedAtMs: expect.any(Number) });
    state.now = failure;
    const again = await get();
    expect(again.reply).toEqual(record('Boiler'));
    expect(again.stale).toEqual({ because, asked: true, ageMs: expect.any(Number) });
    state.now = record('Boiler, cleaned');
    if (because !== 'circuit-open') expect((await get()).stale).toBeUndefined();
    gateway.close();
  });

  it.each([
    ['credentials are refused', new AuthenticationError('refused')],
    ['there is no such thing', new NotFoundError('gone')],
    ['an answer cannot be read', new MalformedResponseError('unreadable')],
  ])('does not stand in for what the platform does say: %s', async (_what, failure) => {
    const { gateway, get, state } = platform(record('Boiler'));
    await get();
    state.now = failure;
    await expect(get()).rejects.toMatchObject({ code: failure.code });
    gateway.close();
  });

  it('is forgotten when the platform says that there is no such thing any more', async () => {
    const { gateway, get, state } = platform(record('Boiler'));
    await get();
    state.now = new NotFoundError('gone');
    await expect(get()).rejects.toMatchObject({ code: 'not-found' });
    state.now = new TimeoutError('silence');
    await expect(get()).rejects.toMatchObject({ code: 'timeout' });
    gateway.close();
  });

  it('is never an answer to ask, which changes depend on', async () => {
    const { gateway, get, state } = platform(record('Boiler'));
    await get();
    state.now = new TimeoutError('silence');
    await expect(gateway.ask(target, 'entities.get', address)).rejects.toMatchObject({ code: 'timeout' });
    gateway.close();
  });

  it('is of one connection, one version of it, one workspace and one question', async () => {
    const { gateway, get, state } = platform(record('Boiler'));
    await get();
    state.now = new TimeoutError('silence');
    for (const at of [
      { ...target, version: 2 },
      { ...target, workspace: 'another' },
      { ...target, connectionId: other.connectionId },
    ]) {
      await expect(get(at)).rejects.toMatchObject({ code: 'timeout' });
    }
    const elsewhere = { ...address, nativeId: 'r2' };
    await expect(gateway.askKnowing(target, 'entities.get', elsewhere)).rejects.toMatchObject({ code: 'timeout' });
    gateway.close();
  });

  it('is worth nothing once something was changed that it depends on', async () => {
    const { gateway, get, state } = platform(record('Boiler'));
    const asked = { ...target, readAtMs: 1_000 };
    await get(asked);
    state.now = new TimeoutError('silence');
    expect((await get({ ...asked, touches: { 'entities/pump': 2_000, entities: 2_000 } })).stale).toBeDefined();
    for (const scope of ['entities/room', '*']) {
      await expect(get({ ...asked, touches: { [scope]: 2_000 } })).rejects.toMatchObject({ code: 'timeout' });
    }
    gateway.close();
  });

  it('is not given to a caller who refuses it, nor kept for one who asks for that', async () => {
    const { gateway, get, state } = platform(record('Boiler'));
    await get(target, { upToMs: Number.POSITIVE_INFINITY, keep: false });
    state.now = new TimeoutError('silence');
    await expect(get()).rejects.toMatchObject({ code: 'timeout' });
    state.now = record('Boiler');
    await get();
    state.now = new TimeoutError('silence');
    await expect(get(target, { upToMs: 0, keep: true })).rejects.toMatchObject({ code: 'timeout' });
    expect((await get(target, { upToMs: 60_000, keep: true })).stale).toBeDefined();
    gateway.close();
  });

  it('asks nothing while the platform is left alone, and its absence asks nothing either', async () => {
    const { gateway, request, get, state } = platform(record('Boiler'));
    await get();
    state.now = new UnavailableError('left alone', { platformCode: 'circuit-open', retryAfterMs: 600_000 });
    await get();
    const unknown = { ...address, nativeId: 'never asked' };
    for (let i = 0; i < 1_000; i += 1) {
      expect((await get()).stale).toMatchObject({ because: 'circuit-open', asked: false });
      await expect(gateway.askKnowing(target, 'entities.get', unknown)).rejects.toMatchObject({ code: 'circuit-open' });
    }
    expect(request).toHaveBeenCalledTimes(2);
    gateway.close();
  });

  it.each([
    ['succeeded', record('Boiler'), true],
    ['may have happened', new TimeoutError('silence'), true],
    ['met another', new ConflictError('changed'), true],
    ['was refused', new InvalidRequestError('no name'), false],
  ])('of what a change touches does not count when the change %s', async (_how, outcome, touched) => {
    const { gateway, touch, state } = platform(outcome);
    const update = { ...address, patch: {}, ifMatch: '1' };
    await gateway.ask(target, 'entities.update', update).catch(() => undefined);
    expect(touch.mock.calls).toEqual(touched ? [[target.connectionId, ['entities/room', 'entities']]] : []);
    state.now = new UnavailableError('no route');
    gateway.close();
  });
});
