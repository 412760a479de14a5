import { describe, expect, it } from '@jest/globals';
import {
  AuthenticationError,
  MalformedResponseError,
  RateLimitedError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import { ANSWER_LOST, NOT_SENT } from '../http/network-failure.ts';
import { DOES_NOT_FIT } from '../http/parse-json.ts';
import { CIRCUIT_OPEN } from '../http/retrier.ts';
import type { CallEnd } from '../http/vendor-http.ts';
import { LinkBook } from './link-book.ts';
import { linkOfFailure } from './link-of-failure.ts';

const CALM = { budgetMs: 0, answerMs: 0, confirmMs: 0 };
const call = (operation: string, error?: CallEnd['error'], lane: CallEnd['lane'] = 'live'): CallEnd => ({
  operation,
  class: 'read',
  lane,
  durationMs: 5,
  outcome: error?.code ?? 'ok',
  ...(error ? { error } : {}),
});
const setUp = () => {
  const clock = new ManualClock();
  const book = new LinkBook(clock);
  const links = () => book.facts(CALM, undefined).facts.map(({ link, times }) => `${link} ${times}`);
  return { clock, book, links };
};

describe('what a failure says', () => {
  it.each([
    [new AuthenticationError('no'), 'credential'],
    [new RateLimitedError('slow down'), 'budget'],
    [new UnavailableError('503', { platformStatus: 503 }), 'vendor'],
    [new MalformedResponseError('not JSON'), 'vendor'],
    [new MalformedResponseError('does not fit', { platformCode: DOES_NOT_FIT }), 'mapping'],
    [new UnavailableError('refused', { platformCode: NOT_SENT }), 'network'],
    [new UnavailableError('the connection was lost', { platformCode: ANSWER_LOST }), 'network'],
    [new TimeoutError('the answer was lost (ECONNRESET)', { platformCode: ANSWER_LOST }), 'network'],
    [new TimeoutError('no answer in time', { platformCode: ANSWER_LOST }), 'silence'],
    [new UnavailableError('open', { platformCode: CIRCUIT_OPEN }), undefined],
    [new Error('ours'), undefined],
  ])('%s: %s', (error, blame) => {
    expect(linkOfFailure(error)).toBe(blame);
  });
});

describe('LinkBook', () => {
  it('keeps a failure until that very thing goes well', () => {
    const { book, links } = setUp();
    const gone = new UnavailableError('503', { platformStatus: 503 });
    book.called(call('A', gone));
    book.called(call('A', gone));
    book.called(call('B'));
    expect(links()).toEqual(['vendor 2']);
    book.called(call('A'));
    expect(links()).toEqual([]);
  });

  it('does not heed what callers of the API ask for', () => {
    const { book, links } = setUp();
    book.called(call('A', new AuthenticationError('no'), 'interactive'));
    expect(links()).toEqual([]);
  });

  it('blames the platform for silence only where it answers something else meanwhile', async () => {
    const { clock, book, links } = setUp();
    book.called(call('A', new TimeoutError('no answer in time')));
    expect(links()).toEqual(['network 1']);
    await clock.advance(1_000);
    book.called(call('B'));
    expect(links()).toEqual(['vendor 1']);
  });

  it('tells of waits once they are long, the confirm of the broker among them', () => {
    const { book } = setUp();
    const of = (waits: Partial<typeof CALM>) => book.facts({ ...CALM, ...waits }, undefined).facts[0]?.link;
    expect(of({ confirmMs: 1_900 })).toBeUndefined();
    expect(of({ confirmMs: 2_100 })).toBe('broker');
    expect(of({ budgetMs: 2_100 })).toBe('budget');
    expect(of({ answerMs: 2_100 })).toBe('network');
  });

  it('does not blame the budget where calls fail for another reason, and are tried again', async () => {
    const { clock, book } = setUp();
    const links = () => book.facts({ ...CALM, budgetMs: 3_000 }, undefined).facts.map(({ link }) => link);
    book.called(call('A', new UnavailableError('503', { platformStatus: 503 })));
    expect(links()).toEqual(['vendor']);
    await clock.advance(60_000);
    expect(links().toSorted()).toEqual(['budget', 'vendor']);
  });

  it('knows when data was last brought: by a poll when it was through, by a stream as long as it stands', async () => {
    const { clock, book } = setUp();
    const well = () => book.facts(CALM, undefined).wellMs;
    book.partWell('probe', 'nothing');
    expect(well()).toBeUndefined();
    book.partWell('telemetry', 'poll');
    const polled = well();
    await clock.advance(5_000);
    expect(well()).toBe(polled);
    book.partWell('stream', 'stream');
    await clock.advance(5_000);
    expect(well()).toBe(clock.now());
    book.partFailed('stream', new UnavailableError('cut'));
    const cut = well();
    await clock.advance(5_000);
    expect(well()).toBe(cut);
  });

  it('knows how far apart rounds are, whatever an outage or one slow round did', async () => {
    const { clock, book } = setUp();
    const round = async (ms: number) => {
      await clock.advance(ms);
      book.partWell('telemetry', 'poll');
    };
    expect(book.roundMs('telemetry')).toBeUndefined();
    for (const ms of [5_000, 90_000, 10_000]) await round(ms);
    expect(book.roundMs('telemetry')).toBeUndefined();
    for (let i = 0; i < 3; i++) await round(10_000);
    expect(book.roundMs('telemetry')).toBe(10_000);
    book.partFailed('telemetry', new UnavailableError('cut'));
    await round(600_000);
    expect(book.roundMs('telemetry')).toBe(10_000);
    for (let i = 0; i < 3; i++) await round(30_000);
    expect(book.roundMs('telemetry')).toBe(30_000);
  });

  it('stays small, and names the device where only one is concerned', () => {
    const { book } = setUp();
    for (let i = 0; i < 500; i++) book.setAside({ what: `signal ${i}`, problems: 'bad-time', device: `d ${i}` });
    const { facts } = book.facts(CALM, 1_000);
    expect(facts.length).toBeLessThanOrEqual(20);
    expect(facts[0]).toMatchObject({ link: 'mapping' });
    expect(facts.every(({ device }) => device !== undefined)).toBe(true);
  });
});
