import { describe, expect, it } from '@jest/globals';
import { adapterRequests } from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import type { KeptAnswer } from './answer-memory.ts';
import { type KnownQuestion, knownQuestion } from './known-answer.ts';
import { KnownAnswers } from './known-answers.ts';
import { questionRules } from './question-rules.ts';
import type { SharedAnswers } from './shared-answers.ts';

const owner = { workspace: 'default', connectionId: 'con' };
const question = (key: string, rest: Partial<KnownQuestion> = {}): KnownQuestion => ({
  key,
  owner,
  notBeforeMs: 0,
  readAtMs: 1,
  ...rest,
});

/** Redis as the replicas have it, or its absence. */
function fakeRedis() {
  const kept = new Map<string, KeptAnswer>();
  const state = { away: false, puts: 0, gets: 0, kept };
  const answer = <T>(give: () => T): Promise<T> =>
    state.away ? Promise.reject(new Error('connection is closed')) : Promise.resolve(give());
  const shared = {
    put: (key: string, _owner: unknown, put: KeptAnswer, { instead = false } = {}) => {
      state.puts += 1;
      return answer(() => (instead && !kept.has(key) ? undefined : kept.set(key, put)));
    },
    get: (key: string) => {
      state.gets += 1;
      return answer(() => kept.get(key));
    },
  } as unknown as SharedAnswers;
  return { state, shared };
}

function replica(clock: ManualClock, shared?: SharedAnswers, options: { memoryBytes?: number; keepMs?: number } = {}) {
  const { memoryBytes = 1_000_000, keepMs = 3_600_000 } = options;
  return new KnownAnswers({ keepMs, memoryBytes, shared, clock, log: silentLogger, metrics: new Metrics('test') });
}

describe('known answers', () => {
  it('are given until they are too old', async () => {
    const clock = new ManualClock();
    const answers = replica(clock);
    const observedAtMs = clock.now();
    answers.remember(question('q'), { name: 'Boiler' }, observedAtMs);
    await clock.advance(3_600_000);
    expect(await answers.recall(question('q'))).toEqual({ reply: { name: 'Boiler' }, observedAtMs });
    await clock.advance(1);
    expect(await answers.recall(question('q'))).toBeUndefined();
  });

  it('take up no more memory than they may; the one that nobody asked for goes first', async () => {
    const clock = new ManualClock();
    const answers = replica(clock, undefined, { memoryBytes: 20_000 });
    const reply = { text: 'x'.repeat(2_000) };
    for (const key of ['a', 'b', 'c']) answers.remember(question(key), reply, clock.now());
    await answers.recall(question('a'));
    for (const key of ['d', 'e']) answers.remember(question(key), reply, clock.now());
    expect(await answers.recall(question('a'))).toBeDefined();
    expect(await answers.recall(question('b'))).toBeUndefined();
  });

  it('that do not fit leave no earlier one in their place', async () => {
    const clock = new ManualClock();
    const answers = replica(clock);
    answers.remember(question('q'), 'small', clock.now());
    answers.remember(question('q'), 'x'.repeat(1_100_000), clock.now());
    expect(await answers.recall(question('q'))).toBeUndefined();
  });

  it('of an earlier question do not replace those of a later one', async () => {
    const clock = new ManualClock();
    const answers = replica(clock);
    answers.remember(question('q'), 'later', clock.now() - 1_000);
    answers.remember(question('q'), 'earlier, but slow', clock.now() - 2_000);
    expect((await answers.recall(question('q')))?.reply).toBe('later');
  });

  it('of one replica serve another that has never asked, and of two the later one', async () => {
    const clock = new ManualClock();
    const { shared } = fakeRedis();
    const [one, two] = [replica(clock, shared), replica(clock, shared)];
    one.remember(question('q'), 'first', clock.now());
    expect((await two.recall(question('q')))?.reply).toBe('first');
    await clock.advance(20_000);
    one.remember(question('q'), 'second', clock.now());
    expect((await two.recall(question('q')))?.reply).toBe('second');
  });

  it('ask Redis rarely, and not at all just after it has failed', async () => {
    const clock = new ManualClock();
    const { shared, state } = fakeRedis();
    const answers = replica(clock, shared);
    for (let i = 0; i < 100; i += 1) {
      answers.remember(question('q'), i, clock.now());
      await answers.recall(question('unknown'));
    }
    expect(state).toMatchObject({ puts: 1, gets: 1 });
    state.away = true;
    await clock.advance(10_000);
    for (let i = 0; i < 100; i += 1) {
      expect((await answers.recall(question('q')))?.reply).toBe(99);
      expect(await answers.recall(question(`unknown ${i}`))).toBeUndefined();
    }
    expect(state.gets).toBe(2);
    state.away = false;
    await clock.advance(10_000);
    state.kept.set('elsewhere', { text: '"yes"', observedAtMs: clock.now(), readAtMs: 1 });
    expect((await answers.recall(question('elsewhere')))?.reply).toBe('yes');
  });

  it('are forgotten everywhere when the platform refuses the question, and a refusal alone is not kept', async () => {
    const clock = new ManualClock();
    const { shared, state } = fakeRedis();
    const [one, two] = [replica(clock, shared), replica(clock, shared)];
    one.remember(question('q'), 'there', clock.now());
    await clock.advance(1_000);
    two.remember(question('q'), undefined, clock.now());
    two.remember(question('never'), undefined, clock.now());
    expect(state.kept.has('never')).toBe(false);
    expect(await two.recall(question('q'))).toBeUndefined();
    await clock.advance(20_000);
    expect(await one.recall(question('q'))).toBeUndefined();
  });

  it('are not kept at all where no age is allowed', async () => {
    const clock = new ManualClock();
    const { shared, state } = fakeRedis();
    const answers = replica(clock, shared, { keepMs: 0 });
    answers.remember(question('q'), 'x', clock.now());
    expect(await answers.recall(question('q'))).toBeUndefined();
    expect(state.puts).toBe(0);
  });
});

describe('the rules of questions', () => {
  const target = { platform: 'p', connectionId: 'c', workspace: 'w', version: 1, readAtMs: 1, touches: {} };
  const known = Object.entries(questionRules).flatMap(([name, rule]) => (rule.known ? [name] : []));

  it('keep what was read, and nothing that has an effect, a secret, a person or an address in it', () => {
    expect(known.sort()).toEqual([
      'commands.describe',
      'connection.budget',
      'entities.get',
      'entities.query',
      'entities.related',
      'entities.types',
    ]);
    for (const name of known) expect(adapterRequests[name as keyof typeof adapterRequests].class).toBe('read');
  });

  it('tell questions apart by all that they ask, in whatever order it stands', () => {
    const base = { connectionId: 'c', type: 'room', nativeId: '1' };
    const key = (payload: typeof base) => knownQuestion(target, 'entities.get', payload)?.key;
    expect(key({ nativeId: '1', type: 'room', connectionId: 'c' })).toBe(key(base));
    expect(key({ ...base, nativeId: '2' })).not.toBe(key(base));
    expect(knownQuestion(target, 'entities.types', base)?.key).not.toBe(key(base));
  });
});
