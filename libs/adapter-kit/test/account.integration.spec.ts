import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BatchPoint } from '@tributary/database';
import fc from 'fast-check';
import { AccountWorld, type Row } from './account-world.ts';

let world: AccountWorld;
beforeAll(async () => {
  world = await AccountWorld.open();
}, 60_000);
afterAll(() => world.close());

/** Few identities and few values: copies and corrections are the rule. */
const point = fc
  .tuple(fc.constantFrom('a', 'b'), fc.nat(5), fc.nat(2))
  .map(([signal, second, value]): BatchPoint => [signal, Date.UTC(2026, 10, 1) + second * 1_000, value]);

const nothing = fc.constant({});
const steps = {
  receive: fc.record({
    points: fc.array(point, { minLength: 1, maxLength: 4 }),
    unchanged: fc.nat(2),
    setAside: fc.nat(1),
  }),
  confirm: fc.record({ which: fc.nat(9) }),
  flush: nothing,
  turn: nothing,
  crash: fc.record({ which: fc.nat(255) }),
  stop: nothing,
  deliver: fc.record({
    picks: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
    copy: fc.boolean(),
    acknowledge: fc.boolean(),
  }),
  partly: fc.record({ which: fc.nat(9), crash: fc.boolean() }),
  replay: fc.record({ which: fc.nat(9) }),
  discard: fc.record({ which: fc.nat(9) }),
  lose: fc.record({ which: fc.nat(9) }),
};
type Name = keyof typeof steps;
type What<N extends Name> = (typeof steps)[N] extends fc.Arbitrary<infer W> ? W : never;
type Step = { [N in Name]: { name: N } & What<N> }[Name];

const step = (...names: Name[]): fc.Arbitrary<Step> =>
  fc.oneof(...names.map((name) => (steps[name] as fc.Arbitrary<object>).map((what) => ({ name, ...what }) as Step)));

async function take(step: Step): Promise<void> {
  switch (step.name) {
    case 'receive':
      return void world.receive(step.points, step);
    case 'turn':
      world.nowMs += 60_000;
      return;
    case 'deliver':
      return void (await world.deliver(step.picks, step));
    case 'partly':
      return void (await world.deliverPartly(step.which, step));
    case 'flush':
    case 'stop':
      return void (await world[step.name]());
    default:
      return void (await world[step.name](step.which));
  }
}

const sum = (rows: readonly Row[], of: keyof Row): number => rows.reduce((total, row) => total + Number(row[of]), 0);
const holesOf = (rows: readonly Row[]) =>
  new Map(rows.filter(({ holes }) => holes !== '{}').map((row) => [`${row.run} ${row.minuteMs}`, row.holes]));

const usual: Name[] = ['receive', 'receive', 'receive', 'confirm', 'confirm', 'flush', 'turn', 'crash', 'stop'];
const arriving: Name[] = [
  'deliver',
  'deliver',
  'deliver',
  'deliver',
  'partly',
  'partly',
  'replay',
  'replay',
  'discard',
];

describe('the conservation account', () => {
  it('balances whatever is copied, split, reordered, parked, replayed, discarded, and whoever crashes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step(...usual, ...arriving), { minLength: 10, maxLength: 40 }), async (list) => {
        await world.begin();
        for (const one of list) await take(one);
        await world.heal();
        const rows = await world.rows();
        for (const row of rows) expect(row.received).toBe(row.settled + row.in_flight + row.missing);
        expect(rows.filter(({ imbalance, missing }) => imbalance !== 0 || missing !== 0)).toEqual([]);
        expect(sum(rows, 'in_flight')).toBe(0);
        // Every point of the store is one number's doing; unless somebody discarded it before it was delivered again.
        const identities = await world.identities();
        if (list.some(({ name }) => name === 'discard')) expect(sum(rows, 'stored')).toBeLessThanOrEqual(identities);
        else expect(sum(rows, 'stored')).toBe(identities);
        const waiting = world.parked.flatMap(({ places }) => places).length;
        expect(sum(rows, 'parked')).toBeLessThanOrEqual(waiting);
        // What balances is closed, and says the same afterwards.
        await world.closeMinutes();
        expect((await world.rows()).map(({ holes: _, ...row }) => row)).toEqual(
          rows.map(({ holes: _, ...row }) => row),
        );
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('names every number that was confirmed and never arrived, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step(...usual, ...arriving, 'lose', 'lose'), { minLength: 20, maxLength: 50 }),
        async (list) => {
          await world.begin();
          for (const one of list) await take(one);
          await world.heal();
          const rows = await world.rows();
          const holes = holesOf(rows);
          expect(holes).toEqual(await world.lostAndKnown());
          for (const row of rows) expect(row.received).toBe(row.settled + row.in_flight + row.missing);
          await world.closeMinutes();
          expect(holesOf(await world.rows())).toEqual(holes);
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});
