import { describe, expect, it } from '@jest/globals';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import type { BreakerChange } from './breaker-changes.ts';
import { BreakerJournal } from './breaker-journal.ts';

function setUp() {
  const clock = new ManualClock();
  const table = {
    away: false,
    batches: [] as BreakerChange[][],
    stillSo: [] as string[][],
  };
  const journal = new BreakerJournal(
    {
      add: async (_keeper, changes) => {
        if (table.away) throw new Error('the database is away');
        if (changes.length > 0) table.batches.push([...changes]);
      },
      stillSo: async (_replica, breakers) => {
        table.stillSo.push(breakers.map(({ connectionId }) => connectionId));
      },
    },
    { service: 'api', replica: 'r', clock, log: silentLogger, metrics: new Metrics('test') },
  );
  const note = (from: BreakerChange['from'], to: BreakerChange['to'], connectionId = 'con') =>
    journal.note({ connectionId, class: 'read', from, to, failures: 1 });
  const written = () => table.batches.flat().map(({ from, to, times }) => `${from} ${to} ${times}`);
  return { clock, table, journal, note, written };
}

describe('BreakerJournal', () => {
  it('writes once a second, what is alike as one, and the newest last', async () => {
    const { clock, table, note, written } = setUp();
    note('closed', 'open');
    for (let i = 0; i < 100; i += 1) {
      note('open', 'half-open');
      note('half-open', 'open');
    }
    await clock.advance(1_000);
    expect(table.batches).toHaveLength(1);
    expect(written()).toEqual(['closed open 1', 'open half-open 100', 'half-open open 100']);
    const revs = table.batches.flat().map(({ rev }) => rev);
    expect(revs).toEqual(revs.toSorted((a, b) => Number(a - b)));
    await clock.advance(5_000);
    expect(table.batches).toHaveLength(1);
  });

  it('loses nothing while the database is away, and holds it together', async () => {
    const { clock, table, note, written } = setUp();
    table.away = true;
    note('closed', 'open');
    await clock.advance(3_000);
    note('open', 'half-open');
    await clock.advance(3_000);
    note('half-open', 'open');
    note('open', 'half-open');
    await clock.advance(3_000);
    expect(written()).toEqual([]);
    table.away = false;
    await clock.advance(1_000);
    expect(written()).toEqual(['closed open 1', 'half-open open 1', 'open half-open 2']);
    const again = table.batches.flat().at(-1);
    expect(again && again.lastAt.getTime() - again.at.getTime()).toBe(3_000);
  });

  it('says now and then which breakers are still not closed, and of no other', async () => {
    const { clock, table, note } = setUp();
    note('closed', 'open', 'sick');
    note('closed', 'open', 'well again');
    note('half-open', 'closed', 'well again');
    await clock.advance(25_000);
    expect(table.stillSo).toEqual([['sick'], ['sick']]);
  });

  it('writes what is told last before it is closed', async () => {
    const { journal, note, written } = setUp();
    note('closed', 'open');
    const closed = journal.close();
    note('open', 'closed');
    await closed;
    expect(written()).toEqual(['closed open 1', 'open closed 1']);
  });

  it('keeps what waits within bounds', async () => {
    const { clock, table, note, written } = setUp();
    table.away = true;
    for (let i = 0; i < 10_005; i += 1) note('closed', 'open', `con ${i}`);
    table.away = false;
    await clock.advance(1_000);
    expect(written()).toHaveLength(10_000);
    expect(table.batches.flat()[0]?.connectionId).toBe('con 5');
  });
});
