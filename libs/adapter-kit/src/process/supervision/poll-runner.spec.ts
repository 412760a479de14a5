import { describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@tributary/contracts';
import { sizeOf } from '@tributary/database';
import { ManualClock } from '@tributary/runtime';
import fc from 'fast-check';
import type { Checkpoint, Observation, Page } from '../../contract.ts';
import { HeldLease } from '../leases/held-lease.ts';
import { RunLedger } from '../publishing/run-ledger.ts';
import { MemoryCheckpoints } from '../testing/memory-checkpoints.ts';
import { runPoll } from './poll-runner.ts';

const item = (n: number): Observation => ({
  type: 'points',
  device: 'd',
  origin: 'poll',
  points: [{ signal: 's', tsMs: n, value: n }],
});
const numberOf = (o: Observation) => (o.type === 'points' ? Number(o.points[0]?.value) : Number.NaN);

/** A source of the numbers 1…last, so many a page; the checkpoint is the last number read. */
async function* numbers(
  from: Checkpoint | undefined,
  last: number,
  failAfter?: number,
): AsyncGenerator<Page<Observation>> {
  for (let n = Number(from?.n ?? 0) + 1; n <= last; n += 3) {
    if (failAfter !== undefined && n > failAfter) throw new UnavailableError('page failed');
    const page = [n, n + 1, n + 2].filter((x) => x <= last);
    yield { items: page.map(item), checkpoint: { n: page.at(-1) ?? n } };
  }
}

function setUp() {
  const clock = new ManualClock();
  const lease = new HeldLease({ connectionId: 'con', epoch: 1, revFloor: 0n }, clock);
  lease.renewed(0, 1_000_000);
  const checkpoints = new MemoryCheckpoints();
  const confirmed: number[] = [];
  const options = (run: (from: Checkpoint | undefined) => AsyncIterable<Page<Observation>>) => ({
    name: 'latest',
    poll: { schedule: 'latest', run },
    lease,
    checkpoints,
    clock,
    observe: async (o: Observation): Promise<void> => {
      confirmed.push(numberOf(o));
    },
    flush: () => {},
    failpoint: () => undefined,
  });
  return { clock, lease, checkpoints, confirmed, options, at: () => checkpoints.rows.get('con/latest')?.value.n };
}

const never = new AbortController().signal;

describe('runPoll', () => {
  it('resumes after a failure on any page without a gap', async () => {
    for (let failAfter = 0; failAfter <= 30; failAfter++) {
      const { options, confirmed, at } = setUp();
      const failing = options((from) => numbers(from, 30, failAfter));
      if (failAfter < 28) await expect(runPoll(failing, never)).rejects.toThrow('page failed');
      else await runPoll(failing, never);
      await runPoll(
        options((from) => numbers(from, 30)),
        never,
      );
      expect(new Set(confirmed).size).toBe(30);
      expect(confirmed.length).toBe(30);
      expect(at()).toBe(30);
    }
  });

  it('says that a stretch is covered with the checkpoint, or at the end, and never of a page that was not confirmed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
        fc.option(fc.nat(11), { nil: undefined }),
        async (withCheckpoint, lost) => {
          const { options, checkpoints, confirmed } = setUp();
          const failing = options(async function* () {
            for (const [n, saved] of withCheckpoint.entries()) {
              const page = { items: [item(n)], covers: [{ fromMs: n * 10, toMs: n * 10 + 10 }] };
              yield saved ? { ...page, checkpoint: { n } } : page;
            }
          });
          const observe = async (o: Observation) => {
            if (numberOf(o) === lost) throw new UnavailableError('never confirmed');
            confirmed.push(numberOf(o));
          };
          await runPoll({ ...failing, observe }, never).catch(() => undefined);
          const covered = checkpoints.covers.map(({ fromMs }) => fromMs / 10);
          // All pages before the lost one, once each, and none after it though it was confirmed.
          expect(covered).toEqual([...withCheckpoint.keys()].filter((n) => lost === undefined || n < lost));
        },
      ),
    );
  });

  it('moves the checkpoint only past what is confirmed, in whatever order confirms come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(20), { minLength: 12, maxLength: 12 }), fc.nat(11), async (delays, lost) => {
        const { clock, options, confirmed, at, checkpoints } = setUp();
        const violations: unknown[] = [];
        const save = checkpoints.save.bind(checkpoints);
        checkpoints.save = async (id, name, value, expected) => {
          for (let n = 1; n <= Number(value.n); n++) if (!confirmed.includes(n)) violations.push(value);
          return save(id, name, value, expected);
        };
        const round = runPoll(
          {
            ...options((from) => numbers(from, 12)),
            observe: async (o) => {
              await clock.sleep(delays[numberOf(o) - 1] ?? 0);
              if (numberOf(o) === lost + 1) throw new UnavailableError('not confirmed');
              confirmed.push(numberOf(o));
            },
          },
          never,
        ).catch((error: Error) => error);
        await clock.advance(100);
        expect(await round).toBeInstanceOf(UnavailableError);
        expect(violations).toEqual([]);
        expect(Number(at() ?? 0)).toBe(Math.floor(lost / 3) * 3);
      }),
      { numRuns: 40 },
    );
  });

  it('saves nothing once the lease has run out', async () => {
    const { clock, lease, options, at } = setUp();
    lease.renewed(clock.monotonicMs(), 1_000);
    const round = runPoll(
      {
        ...options((from) => numbers(from, 3)),
        observe: () => clock.sleep(2_000),
      },
      never,
    ).catch((error: Error) => error);
    await clock.advance(3_000);
    expect(await round).toMatchObject({ message: expect.stringContaining('run out') });
    expect(at()).toBeUndefined();
  });

  it('saves nothing when another owner has moved on', async () => {
    const { checkpoints, options, at } = setUp();
    checkpoints.epoch = 2;
    await expect(
      runPoll(
        options((from) => numbers(from, 3)),
        never,
      ),
    ).rejects.toThrow('moved by somebody else');
    expect(at()).toBeUndefined();
  });

  it('holds the source back while pages wait for their confirm', async () => {
    const { clock, options } = setUp();
    let fetched = 0;
    void runPoll(
      {
        ...options(async function* () {
          for (;;) {
            fetched += 1;
            yield { items: [item(fetched)] };
          }
        }),
        observe: () => new Promise(() => {}),
      },
      never,
    );
    await clock.advance(1_000);
    expect(fetched).toBeLessThanOrEqual(5);
  });

  it('gives up on a page that never comes', async () => {
    const { clock, options } = setUp();
    const round = runPoll(
      options(() => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) })),
      never,
    ).catch((error: Error) => error);
    await clock.advance(301_000);
    expect(await round).toMatchObject({ code: 'timeout' });
  });

  it('writes with each checkpoint what the account does not know yet, once', async () => {
    const { options, checkpoints, clock } = setUp();
    const ledger = new RunLedger({ workspace: 'default', connectionId: 'con', epoch: 1, newRun: () => 'run' });
    const observe = async () => {
      const minute = ledger.at(clock.now());
      minute.bring(1);
      minute.confirm(minute.number(1).first, 1);
    };
    await runPoll({ ...options((from) => numbers(from, 7)), observe, ledger }, never);
    // All of a page was received before its checkpoint, and a later page may have been as well.
    expect(checkpoints.account.map(({ received, confirmed }) => received - sizeOf(confirmed))).toEqual(
      checkpoints.account.map(() => 0),
    );
    expect(checkpoints.account.at(-1)).toMatchObject({ received: 7, confirmed: [[0, 7]] });
    expect(ledger.report(clock.now())).toBeUndefined();
  });
});
