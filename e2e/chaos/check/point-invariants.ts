import { type Comparison, comparePoints } from './compare.ts';
import type { Facts } from './facts.ts';
import type { Invariant } from './invariant.ts';

const eachComparison = (facts: Facts, pick: (comparison: Comparison) => readonly string[]): string[] =>
  facts.points.flatMap((one) => pick(comparePoints(one)).map((text) => `${one.platform} (${one.workspace}): ${text}`));

export const pointInvariants: readonly Invariant[] = [
  {
    id: 'I1',
    promise: 'everything that a platform produced is stored, or told to be missing where the platform keeps nothing',
    broken: (facts) => eachComparison(facts, ({ missing }) => missing),
  },
  {
    id: 'I2',
    promise: 'one row for each point, with the value that the platform answers now',
    broken: (facts) => [...facts.twins, ...eachComparison(facts, ({ wrong }) => wrong)],
  },
  {
    id: 'I2-phantom',
    promise: 'nothing is stored that was never produced',
    broken: (facts) => eachComparison(facts, ({ phantom }) => phantom),
  },
  {
    id: 'I7-account',
    promise: 'the account balances: whatever was received has its place, and what it says is stored is there',
    broken: ({ accounts }) =>
      accounts.flatMap(({ workspace, state, totals, open, rows }) => [
        ...(state === 'balanced' ? [] : [`${workspace} is ${state}: ${open.slice(0, 3).join('; ')}`]),
        ...(totals.missing === 0 ? [] : [`${workspace}: ${totals.missing} are missing by the account itself`]),
        ...(totals.stored === rows
          ? []
          : [`${workspace}: the account says ${totals.stored} stored, there are ${rows}`]),
      ]),
  },
  {
    id: 'I8-coverage',
    promise: 'what is said to be complete is, nothing is said of what is to come, and every other stretch is explained',
    broken: ({ coverage }) =>
      coverage.flatMap(({ platform, lies, open, ahead }) => [
        ...lies.map((lie) => `${platform}: ${lie}`),
        ...ahead.map((statement) => `${platform}: ${statement}`),
        ...open.map((stretch) => `${platform}: ${stretch}`),
      ]),
  },
  {
    id: 'I9',
    promise: 'what can never be stored is parked with its reason, all of it and nothing else',
    broken: brokenParking,
  },
  {
    id: 'I13',
    promise: 'the newest point of a series never goes back, and is the newest that is stored',
    broken: ({ latest }) => [...latest.wentBack, ...latest.olderThanPoints],
  },
];

function brokenParking({ parked: { rows, poison } }: Facts): string[] {
  const found = poison.map((one) => ({ ...one, rows: rows.filter(({ payload }) => payload.includes(one.marker)) }));
  const wrong = found.flatMap(({ marker, reason, rows: of }) => {
    if (of.length === 0) return [`the poison ${marker} is not parked`];
    if (of.length > 1) return [`the poison ${marker} is parked ${of.length} times`];
    return of[0]?.reason === reason ? [] : [`the poison ${marker} is parked for ${of[0]?.reason}, not for ${reason}`];
  });
  const innocent = rows.filter(({ payload }) => !poison.some(({ marker }) => payload.includes(marker)));
  return [
    ...wrong,
    ...innocent.map(({ reason, payload }) => `parked although innocent (${reason}): ${payload.slice(0, 200)}`),
  ];
}
