import { describe, expect, it } from '@jest/globals';
import { type AdapterEntry, sizeOf } from '@tributary/database';
import { ManualClock, silentLogger } from '@tributary/runtime';
import fc from 'fast-check';
import { RunBook } from './run-book.ts';
import { type LedgerMinute, RunLedger } from './run-ledger.ts';

const MINUTE = 60_000;

function newLedger() {
  let runs = 0;
  return new RunLedger({ workspace: 'w', connectionId: 'con', epoch: 3, newRun: () => `run ${runs++}` });
}

/** One point that goes all the way. */
function pass(minute: LedgerMinute): void {
  minute.bring(1);
  minute.confirm(minute.number(1).first, 1);
}

describe('RunLedger', () => {
  it('numbers from 0 in each minute, and says what is confirmed without a break', () => {
    const minute = newLedger().at(0);
    minute.bring(6);
    expect([minute.number(2), minute.number(3), minute.number(1)]).toEqual([
      { id: 'run 0', first: 0, confirmed: 0 },
      { id: 'run 0', first: 2, confirmed: 0 },
      { id: 'run 0', first: 5, confirmed: 0 },
    ]);
    minute.confirm(2, 3);
    expect(minute.number(0).confirmed).toBe(0);
    minute.confirm(0, 2);
    expect(minute.number(0).confirmed).toBe(5);
  });

  it('begins another run when the clock goes back: no number is given twice', () => {
    const given = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 1, max: 5 })));
    fc.assert(
      fc.property(given, (steps) => {
        const ledger = newLedger();
        const seen = new Set<string>();
        let now = 10 * MINUTE;
        for (const [jump, points] of steps) {
          now += jump * MINUTE;
          const minute = ledger.at(now);
          minute.bring(points);
          const { id, first } = minute.number(points);
          for (let number = first; number < first + points; number++) {
            const name = `${id} ${minute.minuteMs} ${number}`;
            expect(seen.has(name)).toBe(false);
            seen.add(name);
          }
        }
      }),
    );
  });

  it('reports what is new until it is written, and forgets a minute that is over and settled', () => {
    const ledger = newLedger();
    const minute = ledger.at(0);
    pass(minute);
    expect(ledger.report(1)?.entries).toHaveLength(1);
    const report = ledger.report(2);
    pass(minute);
    report?.written();
    expect(ledger.report(3)?.entries).toMatchObject([{ received: 2, confirmed: [[0, 2]] }]);
    pass(ledger.at(MINUTE));
    const both = ledger.report(MINUTE);
    expect(both?.entries.map(({ minuteMs }) => minuteMs)).toEqual([0, MINUTE]);
    both?.written();
    expect(ledger.report(MINUTE)).toBeUndefined();
    ledger.end();
    const last = ledger.report(MINUTE);
    expect(last?.entries.map(({ minuteMs, ended }) => [minuteMs, ended])).toEqual([[MINUTE, true]]);
    expect(ledger.done).toBe(false);
    last?.written();
    expect(ledger.done).toBe(true);
  });

  it('says once more when a minute is long past and something still waits in it', () => {
    const ledger = newLedger();
    const minute = ledger.at(0);
    minute.bring(1);
    ledger.report(1)?.written();
    expect(ledger.report(MINUTE)).toBeUndefined();
    const late = ledger.report(3 * MINUTE);
    expect(late?.entries).toMatchObject([{ received: 1, numbered: 0, past: true }]);
    late?.written();
    expect(ledger.report(4 * MINUTE)).toBeUndefined();
  });

  it('knows at any time what of the received is where', () => {
    const step = fc.constantFrom('bring', 'unchanged', 'aside', 'give up', 'number', 'confirm');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ledger = newLedger();
        const minute = ledger.at(0);
        let open = 0;
        for (const what of steps) {
          if (what === 'bring') minute.bring(2);
          else if (what === 'confirm' && open < minute.numbered) minute.confirm(open++, 1);
          else if (minute.waiting > 0 && what === 'unchanged') minute.leaveUnchanged();
          else if (minute.waiting > 0 && what === 'aside') minute.putAside('bad-time');
          else if (minute.waiting > 0 && what === 'give up') minute.giveUp(1);
          else if (minute.waiting > 0 && what === 'number') minute.number(1);
        }
        const entry = ledger.report(0)?.entries[0];
        if (!entry) return;
        const dropped = entry.unchanged + (entry.setAside['bad-time'] ?? 0) + entry.unacknowledged;
        expect(entry.received).toBe(dropped + entry.numbered + minute.waiting);
        expect(sizeOf(entry.confirmed)).toBe(open);
      }),
    );
  });
});

describe('RunBook', () => {
  function setUp() {
    const clock = new ManualClock();
    const written: AdapterEntry[] = [];
    const store = {
      away: false,
      record: async (entries: readonly AdapterEntry[]) => {
        if (store.away) throw new Error('the database is away');
        written.push(...entries);
      },
    };
    const book = new RunBook({ store, clock, log: silentLogger });
    book.start();
    return { clock, written, store, book };
  }

  it('writes each second what is new, and what could not be written with the next', async () => {
    const { clock, written, store, book } = setUp();
    const ledger = newLedger();
    book.keep(ledger);
    pass(ledger.at(clock.now()));
    await clock.advance(1_000);
    await clock.advance(5_000);
    expect(written).toMatchObject([{ received: 1 }]);
    store.away = true;
    pass(ledger.at(clock.now()));
    await clock.advance(3_000);
    store.away = false;
    await clock.advance(1_000);
    expect(written).toMatchObject([{ received: 1 }, { received: 2 }]);
    await book.stop();
  });

  it('keeps a ledger that has ended until all of it is written; stopping writes what is left', async () => {
    const { clock, written, store, book } = setUp();
    const ledger = newLedger();
    book.keep(ledger);
    pass(ledger.at(clock.now()));
    ledger.end();
    store.away = true;
    await clock.advance(10_000);
    expect(ledger.done).toBe(false);
    store.away = false;
    await book.stop();
    expect(written).toMatchObject([{ received: 1, ended: true }]);
    expect(ledger.done).toBe(true);
  });
});
