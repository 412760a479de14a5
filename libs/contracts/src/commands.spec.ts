import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CommandState, canAdvance, commandStates, isTerminal, openStates } from './commands.ts';

const state = fc.constantFrom(...commandStates);
const rank: Partial<Record<CommandState, number>> = {
  accepted: 0,
  dispatched: 1,
  acknowledged: 2,
  queued: 3,
  delivered: 4,
  confirmed: 5,
};

describe('the command ladder', () => {
  it('never steps back between states that say more and more', () => {
    fc.assert(
      fc.property(state, state, (from, to) => {
        const [a, b] = [rank[from], rank[to]];
        if (a !== undefined && b !== undefined && b <= a) expect(canAdvance(from, to)).toBe(false);
      }),
    );
  });

  it('leaves no terminal state', () => {
    fc.assert(fc.property(state, state, (from, to) => !(isTerminal(from) && canAdvance(from, to))));
  });

  it('reaches an end from every open state', () => {
    for (const start of openStates) {
      expect(commandStates.some((end) => isTerminal(end) && canAdvance(start, end))).toBe(true);
    }
  });

  it('never expires or cancels an order that the platform may be carrying out', () => {
    for (const from of ['dispatched', 'delivered', 'unknown'] as const) {
      expect(canAdvance(from, 'expired')).toBe(false);
      expect(canAdvance(from, 'cancelled')).toBe(false);
    }
  });

  it('never dispatches again what has been dispatched', () => {
    for (const from of commandStates) if (from !== 'accepted') expect(canAdvance(from, 'dispatched')).toBe(false);
  });
});
