import { describe, expect, it } from '@jest/globals';
import { Journal, type JournalEntry } from './journal.ts';

const entry = (change: Partial<JournalEntry> = {}): Omit<JournalEntry, 'seq'> => ({
  at: 1,
  protocol: 'http',
  method: 'GET',
  path: '/api/x',
  operation: 'OPTI-04',
  status: 200,
  durationMs: 1,
  ...change,
});

describe('Journal', () => {
  it('filters by everything it records', () => {
    const journal = new Journal();
    journal.add(entry());
    journal.add(entry({ operation: 'OPTI-07', status: 406, path: '/API/filelist/x', at: 5 }));
    journal.add(entry({ protocol: 'mqtt', method: 'PUBLISH', session: 's1', credential: 'c1' }));
    expect(journal.count({ operation: 'OPTI-0*' })).toBe(3);
    expect(journal.entries({ status: 406 }).map((one) => one.operation)).toEqual(['OPTI-07']);
    expect(journal.count({ path: '/API/*' })).toBe(1);
    expect(journal.count({ since: 2 })).toBe(1);
    expect(journal.count({ session: 's1', credential: 'c1', protocol: 'mqtt', method: 'PUBLISH' })).toBe(1);
    expect(journal.count({ after: journal.position })).toBe(0);
    journal.add(entry({ detail: 'ExceededRateLimit', operation: 'EXO-05' }));
    expect(journal.entries({ detail: 'Exceeded*' }).map((one) => one.operation)).toEqual(['EXO-05']);
    expect(journal.count({ detail: 'Exceeded' })).toBe(0);
    expect(journal.entries({ limit: 2 })[0]?.protocol).toBe('mqtt');
    expect(journal.counts()).toEqual({ 'OPTI-04': { 200: 2 }, 'OPTI-07': { 406: 1 }, 'EXO-05': { 200: 1 } });
  });

  it('bounds its memory and counts what it dropped', () => {
    const journal = new Journal(100);
    for (let i = 0; i < 1_000; i++) journal.add(entry({ at: i }));
    const kept = journal.entries();
    expect(kept.length).toBeLessThanOrEqual(125);
    expect(journal.dropped + kept.length).toBe(1_000);
    expect(kept.at(-1)?.at).toBe(999);
  });

  it('resolves as soon as enough has happened', async () => {
    const journal = new Journal();
    const waiting = journal.until({ operation: 'OPTI-04' }, 2);
    journal.add(entry());
    journal.add(entry({ operation: 'OPTI-05' }));
    journal.add(entry({ at: 9 }));
    expect((await waiting).map((one) => one.at)).toEqual([1, 9]);
    const abort = new AbortController();
    const never = journal.until({ operation: 'OPTI-99' }, 1, abort.signal);
    abort.abort(new Error('given up'));
    await expect(never).rejects.toThrow('given up');
  });
});
