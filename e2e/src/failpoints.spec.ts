import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FailpointName, failpoints } from '@tributary/runtime/failpoints';
import { FailpointHouse } from './failpoint-house.ts';
import { turnsOf } from './failpoint-turns.ts';

/** `pnpm failpoints` breaks and stops the process there too, passes later hits as well, and hangs for as long as a failpoint does. */
const ACTIONS = (process.env.FAILPOINT_ACTIONS ?? 'exit').split(',') as ('exit' | 'throw' | 'hang')[];
const HITS = (process.env.FAILPOINT_HITS ?? '1').split(',').map(Number);
const HANG_MS = Number(process.env.FAILPOINT_HANG_MS ?? 700);
const names = (process.env.FAILPOINT_NAMES?.split(',') ?? Object.keys(failpoints)) as FailpointName[];
const turns = turnsOf(names).map((turn) => ({ turn, title: turn.join(', ') }));

describe('every failpoint of the house', () => {
  let house: FailpointHouse;
  beforeAll(async () => {
    house = await FailpointHouse.start(HANG_MS);
  }, 180_000);
  afterAll(() => house?.stop(), 120_000);

  describe.each(HITS)('at its hit %i', (hit) => {
    describe.each(ACTIONS)('%s', (action) => {
      it.each(turns)(
        '$title: nothing is lost, and it goes on',
        ({ turn }) => house.pass(turn.map((name) => ({ name, action, hit }))),
        420_000,
      );
    });
  });

  it('afterwards: nothing invented, no twin, nothing parked but poison, the account balances, orders tell the truth', async () => {
    const { states, ...rest } = await house.settled();
    expect(rest).toEqual({ invented: [], twins: 0, unplanned: 0, missing: 0 });
    for (const state of states) expect(['queued', 'delivered', 'confirmed', 'unknown']).toContain(state);
  }, 300_000);
});
