import type { CommandFact } from './facts.ts';
import type { Invariant } from './invariant.ts';

/** The platform is said to have it, or more. */
const CLAIMS_EFFECT = new Set(['acknowledged', 'queued', 'delivered', 'confirmed']);
/** The platform is said not to have it. */
const CLAIMS_NONE = new Set(['accepted', 'rejected', 'expired', 'cancelled', 'failed']);
const ENDS = new Set([
  'confirmed',
  'rejected',
  'failed',
  'expired',
  'cancelled',
  'unknown',
  'acknowledged',
  'queued',
  'delivered',
]);

const named = ({ platform, order }: CommandFact) => `${platform} ${order}`;

export const commandInvariants: readonly Invariant[] = [
  {
    id: 'I15-once',
    promise: 'an order is done once at most, and is one command however often it was asked for',
    broken: ({ commands }) =>
      commands.flatMap((command) => [
        ...(command.effects > 1 ? [`${named(command)} was done ${command.effects} times`] : []),
        ...(command.rows.length > 1 ? [`${named(command)} is ${command.rows.length} commands`] : []),
        ...(command.answered && command.rows.length === 0 ? [`${named(command)} was taken and is nowhere`] : []),
      ]),
  },
  {
    id: 'I15-truth',
    promise: 'the state of a command never says more, nor less, than what happened',
    broken: ({ commands }) =>
      commands.flatMap((command) =>
        command.rows.flatMap(({ state }) => {
          if (CLAIMS_EFFECT.has(state) && command.effects === 0)
            return [`${named(command)} is ${state} and was never done`];
          if (CLAIMS_NONE.has(state) && command.effects > 0) return [`${named(command)} is ${state} and was done`];
          return [];
        }),
      ),
  },
  {
    id: 'I15-end',
    promise: 'every command comes to an end',
    broken: ({ commands }) =>
      commands.flatMap((command) =>
        command.rows.filter(({ state }) => !ENDS.has(state)).map(({ state }) => `${named(command)} is still ${state}`),
      ),
  },
  {
    id: 'I23-records',
    promise: 'a record that is said to be made is there once, and another at most once',
    broken: ({ records }) =>
      records.flatMap(({ marker, answered, found }) => {
        if (found > 1) return [`${marker} was made ${found} times`];
        return answered && found === 0 ? [`${marker} is said to be made and is not there`] : [];
      }),
  },
];
