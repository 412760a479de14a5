import { describe, expect, it } from '@jest/globals';
import { type TributaryEvent } from '@tributary/contracts';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import fc from 'fast-check';
import { HeldLease } from '../leases/held-lease.ts';
import { ConfirmedMemory } from '../publishing/confirmed-memory.ts';
import { ConnectionPublisher } from '../publishing/connection-publisher.ts';
import { DueQueue } from '../scheduling/due-queue.ts';
import { MemoryStatusBook } from '../testing/memory-books.ts';
import { MemoryPublisher } from '../testing/memory-publisher.ts';
import { ConnectionStatus } from './connection-status.ts';
import { StatusTeller } from './status-teller.ts';

const CONNECTION = `con_${'s'.repeat(26)}`;
const DOWN = { kind: 'degraded' as const, reason: 'no answer' };

/** What outlives an owner: the clock, the broker, and the rows. */
function world() {
  const clock = new ManualClock();
  const bus = new MemoryPublisher();
  const book = new MemoryStatusBook();
  let floor = 0n;
  /** A replica that has just taken the connection over. */
  const owner = (epoch: number) => {
    const lease = new HeldLease({ connectionId: CONNECTION, epoch, revFloor: floor }, clock);
    floor = lease.wantedFloor(100_000_000);
    lease.renewed(clock.monotonicMs(), 100_000_000, floor);
    const shared = { clock, lease, log: silentLogger, metrics: new Metrics('test') };
    const publisher = new ConnectionPublisher({
      ...shared,
      workspace: 'default',
      platform: 'acme',
      publisher: bus,
      failpoint: () => undefined,
      memory: new ConfirmedMemory(10),
    });
    const { status: lastSaid, unsaid } = book.rows.get(CONNECTION) ?? { status: 'unknown' as const, unsaid: undefined };
    const due = new DueQueue(clock);
    const teller = new StatusTeller({ ...shared, publisher, book, due, random: () => 0.5, lastSaid, unsaid });
    const status = new ConnectionStatus(lastSaid);
    const report = (sick: boolean) => {
      const change = status.report('probe', sick ? DOWN : undefined);
      if (change) teller.tell(status.status, change);
    };
    return { lease, teller, report };
  };
  /** Each once, however often it was sent. */
  const said = () => {
    const events = new Map(bus.events.map((event) => [event.id, event]));
    return [...events.values()].map(({ type }) => type.split('.')[3]);
  };
  return { clock, bus, book, owner, said };
}

const revsOf = (events: readonly TributaryEvent[]) => events.map(({ data }) => BigInt((data as { rev: string }).rev));

describe('StatusTeller', () => {
  it('sends again what its forerunner may not have sent, and nothing besides', async () => {
    const { clock, bus, owner, said } = world();
    bus.holding = true;
    const first = owner(1);
    first.report(true);
    await clock.advance(1_000);
    expect(bus.events).toHaveLength(1);
    first.lease.lose('the process died');
    bus.release();
    const second = owner(2);
    await clock.advance(1_000);
    expect(bus.events.map(({ id }) => id)).toEqual([bus.events[0]?.id, bus.events[0]?.id]);
    second.report(true);
    await clock.advance(1_000);
    second.report(false);
    await clock.advance(1_000);
    expect(said()).toEqual(['degraded', 'recovered']);
    second.lease.lose('the process died');
    owner(3);
    await clock.advance(1_000);
    expect(bus.events).toHaveLength(3);
  });

  it('knows what was said also where nobody has stored the event yet', async () => {
    const { clock, owner, said } = world();
    const first = owner(1);
    first.report(true);
    await clock.advance(1_000);
    first.lease.lose('the process died');
    owner(2).report(false);
    await clock.advance(1_000);
    owner(3).report(false);
    await clock.advance(1_000);
    expect(said()).toEqual(['degraded', 'recovered']);
  });

  it('waits for the database, and then says when it was', async () => {
    const { clock, book, bus, owner, said } = world();
    book.away = true;
    const { report } = owner(1);
    const at = new Date(clock.now()).toISOString();
    report(true);
    await clock.advance(60_000);
    report(false);
    await clock.advance(60_000);
    expect(said()).toEqual([]);
    book.away = false;
    await clock.advance(60_000);
    expect(said()).toEqual(['degraded', 'recovered']);
    expect(bus.events[0]?.time).toBe(at);
  });

  it('says nothing once the connection is another’s', async () => {
    const { clock, book, owner, said } = world();
    book.say = async () => false;
    const { report, teller, lease } = owner(1);
    report(true);
    await clock.advance(1_000);
    await teller.settled();
    expect(said()).toEqual([]);
    expect(lease.valid()).toBe(false);
  });

  it('tells each loss and each return once, wherever owners die', async () => {
    const deaths = fc.constantFrom('never', 'before it is written', 'before it is sent', 'before it is crossed out');
    const life = fc.record({ sick: fc.array(fc.boolean(), { maxLength: 4 }), dies: deaths });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 6 }), async (lives) => {
        const { clock, bus, book, owner, said } = world();
        let epoch = 0;
        for (const { sick, dies } of lives) {
          epoch += 1;
          const { report, lease } = owner(epoch);
          await clock.advance(100);
          for (const [at, one] of sick.entries()) {
            if (at === sick.length - 1 && dies !== 'never') dieAt(dies, { lease, bus, book });
            report(one);
            await clock.advance(100);
          }
          lease.lose('the process died');
          revive({ bus, book });
        }
        owner(epoch + 1).report(false);
        await clock.advance(60_000);
        const told = said();
        for (let i = 1; i < told.length; i += 1) expect(told[i]).not.toBe(told[i - 1]);
        expect(['connected', 'recovered']).toContain(told.at(-1));
        const revs = revsOf([...new Map(bus.events.map((event) => [event.id, event])).values()]);
        expect(revs).toEqual(revs.toSorted((a, b) => (a < b ? -1 : 1)));
      }),
      { numRuns: 150 },
    );
  });
});

type Rig = { lease: HeldLease; bus: MemoryPublisher; book: MemoryStatusBook };

function dieAt(moment: string, { lease, bus, book }: Rig): void {
  if (moment === 'before it is written') book.away = true;
  if (moment === 'before it is sent') bus.publish = () => new Promise(() => lease.lose('the process died'));
  if (moment === 'before it is crossed out') book.said = () => Promise.reject(new Error('the process died'));
}

function revive({ bus, book }: Omit<Rig, 'lease'>): void {
  book.away = false;
  Object.assign(bus, { publish: MemoryPublisher.prototype.publish });
  Object.assign(book, { said: MemoryStatusBook.prototype.said });
}
