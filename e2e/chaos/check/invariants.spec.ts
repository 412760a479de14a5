import { describe, expect, it } from '@jest/globals';
import type { EventFacts, Facts, PointFacts } from './facts.ts';
import { judge } from './invariant.ts';
import { invariants } from './invariants.ts';

const MINUTE = 60_000;
const at = (device: string, ts: number, value: unknown = 1) => ({ device, signal: 's', ts, value });

function points(change: Partial<PointFacts> = {}): PointFacts {
  return {
    connection: 'con_a',
    workspace: 'default',
    platform: 'octomesh',
    truth: [at('a', MINUTE), at('a', 2 * MINUTE), at('b', MINUTE, { x: 1, y: 2 })],
    stored: [at('b', MINUTE, { y: 2, x: 1 }), at('a', MINUTE), at('a', 2 * MINUTE)],
    gaps: [],
    spacesOf: new Map([['b', new Set(['cellar'])]]),
    ...change,
  };
}

function events(change: Partial<EventFacts> = {}): EventFacts {
  const source = '/workspaces/default/connections/con_a';
  return {
    workspace: 'default',
    connections: new Set(['con_a']),
    log: [
      { id: '1', name: 'command.accepted', source, commandId: 'cmd_a' },
      { id: '2', name: 'telemetry.observed', source },
      { id: '3', name: 'command.dispatched', source, commandId: 'cmd_a' },
    ],
    transitions: new Map([['cmd_a', ['accepted', 'dispatched']]]),
    heard: new Set(['1', '2', '3']),
    delivered: { ids: new Set(['1', '3']), areas: ['command'] },
    ...change,
  };
}

const account = {
  workspace: 'default',
  state: 'balanced',
  totals: {
    received: 3,
    stored: 3,
    duplicate: 0,
    corrected: 0,
    superseded: 0,
    parked: 0,
    missing: 0,
    inFlight: 0,
    dropped: 0,
  },
  open: [],
  rows: 3,
};
const command = {
  platform: 'ochno',
  order: 'lamp.level 7',
  answered: true,
  rows: [{ id: 'cmd_a', state: 'confirmed', states: ['accepted', 'dispatched', 'confirmed'] }],
  effects: 1,
};
const row = (state: string) => [{ id: 'cmd_a', state, states: [state] }];

function facts(change: Partial<Facts> = {}): Facts {
  return {
    points: [points()],
    twins: [],
    accounts: [account],
    commands: [command],
    records: [{ marker: 'm', answered: true, found: 1 }],
    events: [events()],
    parked: { rows: [{ reason: 'json', payload: '{ mark' }], poison: [{ marker: 'mark', reason: 'json' }] },
    outboxLeft: 0,
    latest: { wentBack: [], looks: 3, olderThanPoints: [] },
    mixed: [],
    limits: [{ platform: 'exosense', refused: 0, asked: 1_000, forgotten: false }],
    memoryMb: { api: 120 },
    logs: { troubles: [], leaks: [] },
    secretsFound: [],
    coverage: [],
    stuck: [],
    failedFaults: [],
    ...change,
  };
}

const brokenBy = (change: Partial<Facts>) => judge(facts(change), invariants).map(({ invariant }) => invariant);

describe('the checker', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(judge(facts(), invariants)).toEqual([]);
  });

  it('counts everything and shows a few', () => {
    const many = Array.from({ length: 40 }, (_, n) => at('a', 100 * MINUTE + n));
    const [violation] = judge(facts({ points: [points({ truth: many, stored: [] })] }), invariants);
    expect(violation).toMatchObject({ invariant: 'I1', count: 40 });
    expect(violation?.examples.length).toBeLessThan(10);
  });

  const planted: [string, Partial<Facts>, string[]][] = [
    ['a lost point', { points: [points({ stored: points().stored.slice(1) })] }, ['I1']],
    [
      'a wrong value',
      { points: [points({ stored: [at('a', MINUTE, 2), ...points().stored.slice(0, 1), at('a', 2 * MINUTE)] })] },
      ['I2'],
    ],
    ['a number for a text', { points: [points({ truth: [at('a', 0, '1')], stored: [at('a', 0, 1)] })] }, ['I2']],
    ['a phantom', { points: [points({ stored: [...points().stored, at('a', 7)] })] }, ['I2-phantom']],
    [
      'a point under another device',
      { points: [points({ stored: [...points().stored.slice(1), at('c', MINUTE)] })] },
      ['I1', 'I2-phantom'],
    ],
    ['a twin', { twins: ['1 2026'] }, ['I2']],
    ['an account that is open', { accounts: [{ ...account, state: 'unbalanced' }] }, ['I7-account']],
    [
      'an account that misses points',
      { accounts: [{ ...account, totals: { ...account.totals, missing: 1 } }] },
      ['I7-account'],
    ],
    ['an account that claims too much', { accounts: [{ ...account, rows: 2 }] }, ['I7-account']],
    ['poison that is not parked', { parked: { ...facts().parked, rows: [] } }, ['I9']],
    [
      'poison parked for another reason',
      { parked: { ...facts().parked, poison: [{ marker: 'mark', reason: 'schema' }] } },
      ['I9'],
    ],
    ['an innocent message that is parked', { parked: { ...facts().parked, poison: [] } }, ['I9']],
    ['a latest that went back', { latest: { ...facts().latest, wentBack: ['series 1'] } }, ['I13']],
    ['a latest that is not the newest', { latest: { ...facts().latest, olderThanPoints: ['series 1'] } }, ['I13']],
    ['an order that was done twice', { commands: [{ ...command, effects: 2 }] }, ['I15-once']],
    [
      'an order that became two commands',
      { commands: [{ ...command, rows: [...command.rows, ...command.rows] }] },
      ['I15-once'],
    ],
    ['an order that was taken and forgotten', { commands: [{ ...command, rows: [], effects: 0 }] }, ['I15-once']],
    ['confirmed without effect', { commands: [{ ...command, effects: 0 }] }, ['I15-truth']],
    ['expired with effect', { commands: [{ ...command, rows: row('expired') }] }, ['I15-truth']],
    ['failed with effect', { commands: [{ ...command, rows: row('failed') }] }, ['I15-truth']],
    ['a command without end', { commands: [{ ...command, rows: row('dispatched') }] }, ['I15-end']],
    ['a record made twice', { records: [{ marker: 'm', answered: false, found: 2 }] }, ['I23-records']],
    ['a record that is not there', { records: [{ marker: 'm', answered: true, found: 0 }] }, ['I23-records']],
    [
      'a step without event',
      { events: [events({ transitions: new Map([['cmd_a', ['accepted', 'dispatched', 'confirmed']]]) })] },
      ['I23'],
    ],
    [
      'steps in another order',
      { events: [events({ transitions: new Map([['cmd_a', ['dispatched', 'accepted']]]) })] },
      ['I23'],
    ],
    ['an event without step', { events: [events({ transitions: new Map() })] }, ['I23']],
    ['a message that stays in the outbox', { outboxLeft: 1 }, ['I23']],
    ['an event that nobody heard', { events: [events({ heard: new Set(['1', '3']) })] }, ['I23-stream']],
    [
      'an event that was not delivered',
      { events: [events({ delivered: { ids: new Set(['1']), areas: ['command'] } })] },
      ['I23-webhook'],
    ],
    ['an event of another workspace', { events: [events({ workspace: 'neighbour' })] }, ['I25']],
    ['an event of a foreign connection', { events: [events({ connections: new Set(['con_b']) })] }, ['I25']],
    ['a row of another workspace', { mixed: ['device dev_a'] }, ['I25']],
    ['a refused request', { limits: [{ platform: 'exosense', refused: 1, asked: 1_000, forgotten: false }] }, ['I18']],
    [
      'many refused requests after the counters were lost',
      { limits: [{ platform: 'exosense', refused: 9, asked: 1_000, forgotten: true }] },
      ['I18'],
    ],
    ['a service that eats', { memoryMb: { api: 900 } }, ['I4-memory']],
    ['a secret in a log', { logs: { troubles: [], leaks: ['api'] } }, ['secrets']],
    ['a secret in a table', { secretsFound: ['1 rows of outbox'] }, ['secrets']],
    [
      'an error in a log',
      { logs: { troubles: [{ service: 'api', level: 'error', type: 'TypeError', message: 'x' }], leaks: [] } },
      ['log'],
    ],
    ['a house that does not rest', { stuck: ['not stored'] }, ['liveness']],
    ['a fault that could not be done', { failedFaults: ['kill'] }, ['campaign']],
    [
      'a false claim to be complete',
      { coverage: [{ connection: 'con_a', platform: 'ochno', lies: ['a'], open: [], ahead: [], holes: 0 }] },
      ['I8-coverage'],
    ],
    [
      'a statement about what is to come',
      { coverage: [{ connection: 'con_a', platform: 'ochno', lies: [], open: [], ahead: ['a'], holes: 0 }] },
      ['I8-coverage'],
    ],
    [
      'a stretch nobody explains',
      { coverage: [{ connection: 'con_a', platform: 'ochno', lies: [], open: ['a'], ahead: [], holes: 0 }] },
      ['I8-coverage'],
    ],
  ];

  it.each(planted)('catches %s', (_name, change, expected) => {
    expect(brokenBy(change)).toEqual(expected);
  });

  it('has an invariant for nothing that was not planted once', () => {
    expect(new Set(planted.flatMap(([, , expected]) => expected))).toEqual(new Set(invariants.map(({ id }) => id)));
  });

  const innocent: [string, Partial<Facts>][] = [
    [
      'unknown, done or not',
      {
        commands: [
          { ...command, rows: row('unknown') },
          { ...command, rows: row('unknown'), effects: 0 },
        ],
      },
    ],
    [
      'somebody who says that another is away',
      { logs: { troubles: [{ service: 'api', level: 'error', type: 'UnavailableError', message: 'x' }], leaks: [] } },
    ],
    ['an order that never arrived', { commands: [{ ...command, answered: false, rows: [], effects: 0 }] }],
    ['a record whose answer was lost', { records: [{ marker: 'm', answered: false, found: 1 }] }],
    [
      'one refused request after the counters were lost',
      { limits: [{ platform: 'exosense', refused: 1, asked: 50, forgotten: true }] },
    ],
  ];

  it.each(innocent)('lets %s pass', (_name, change) => {
    expect(brokenBy(change)).toEqual([]);
  });
});

describe('what is missing where the platform keeps nothing', () => {
  const missing = (change: Partial<PointFacts>) =>
    brokenBy({ points: [points({ stored: points().stored.slice(1, 3), replaysNothing: { lateMs: 500 }, ...change })] });

  it('is excused by a gap that is told, of that device, that space or all', () => {
    for (const where of [{}, { device: 'b' }, { space: 'cellar' }])
      expect(missing({ gaps: [{ ...where, fromMs: MINUTE, toMs: MINUTE + 1 }] })).toEqual([]);
    expect(missing({ gaps: [{ fromMs: MINUTE + 400, toMs: MINUTE + 900 }] })).toEqual([]);
  });

  it('is not excused by a gap elsewhere, at another time, or of a platform that has history', () => {
    expect(missing({ gaps: [] })).toEqual(['I1']);
    for (const where of [{ device: 'a' }, { space: 'attic' }])
      expect(missing({ gaps: [{ ...where, fromMs: MINUTE, toMs: MINUTE + 1 }] })).toEqual(['I1']);
    expect(missing({ gaps: [{ fromMs: MINUTE - 5, toMs: MINUTE }] })).toEqual(['I1']);
    expect(missing({ gaps: [{ fromMs: MINUTE + 501, toMs: MINUTE + 900 }] })).toEqual(['I1']);
    const gaps = [{ fromMs: MINUTE, toMs: MINUTE + 1 }];
    expect(brokenBy({ points: [points({ stored: points().stored.slice(1), gaps })] })).toEqual(['I1']);
  });
});

describe('what still holds', () => {
  const held = (ts: number, value: unknown, tellsWhatHolds = true) =>
    brokenBy({
      points: [
        points({
          truth: [...points().truth, { device: 'b', signal: 'other', ts: 3 * MINUTE, value: 1 }],
          stored: [...points().stored, { device: 'b', signal: 'other', ts: 3 * MINUTE, value: 1 }, at('b', ts, value)],
          tellsWhatHolds,
        }),
      ],
    });
  const last = { x: 1, y: 2 };

  it('may be told again at the time of a later message, where a platform does so', () => {
    expect(held(3 * MINUTE, last)).toEqual([]);
    expect(held(3 * MINUTE, last, false)).toEqual(['I2-phantom']);
  });

  it('may be what the platform knew before it produced anything', () => {
    expect(held(MINUTE - 1, { x: 7 })).toEqual([]);
    expect(held(MINUTE - 1, { x: 7 }, false)).toEqual(['I2-phantom']);
  });

  it('is a phantom with another value, or at a time of no message', () => {
    expect(held(3 * MINUTE, { x: 2 })).toEqual(['I2-phantom']);
    expect(held(3 * MINUTE + 1, last)).toEqual(['I2-phantom']);
  });
});
