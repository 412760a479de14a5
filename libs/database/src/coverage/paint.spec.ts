import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judge } from './judge.ts';
import { compacted, leftOut, paint, scopeOf, settledUntil } from './paint.ts';
import { tiled } from './spans.ts';
import { isWithin, type Scope, type SpanRow, type SpanStatement, type StatedState, worth } from './statement.ts';

const HOUSE: Record<string, readonly string[]> = { d1: ['room', 'floor'], d2: ['floor'], d3: [], room: ['floor'] };
const spacesOf = (id: string) => new Set(HOUSE[id] ?? []);
const END = 24;

const scopes: Partial<Scope>[] = [
  {},
  { signal: 'a' },
  { spaceId: 'floor' },
  { spaceId: 'room' },
  { deviceId: 'd1' },
  { deviceId: 'd1', signal: 'a' },
  { deviceId: 'd2' },
  { deviceId: 'd3' },
];

const statement = fc
  .record({
    scope: fc.constantFrom(...scopes),
    from: fc.nat(END - 1),
    length: fc.integer({ min: 1, max: 8 }),
    state: fc.constantFrom<StatedState[]>('complete', 'complete', 'partial', 'missing', 'unrecoverable'),
    source: fc.constantFrom('poll', 'backfill'),
    overrides: fc.boolean(),
  })
  .map(
    ({ scope, from, length, overrides, ...rest }): SpanStatement => ({
      ...scope,
      ...rest,
      fromMs: from,
      toMs: Math.min(END, from + length),
      ...(overrides ? { overrides: true } : {}),
    }),
  );

const areTwo = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;

/** One cell for each scope and millisecond: what the rows must say, by the words of the rules and by nothing else. */
class Model {
  readonly cells = new Map<string, { scope: Scope; state: StatedState }>();

  state(said: SpanStatement): void {
    for (let ms = said.fromMs; ms < said.toMs; ms += 1) this.#stateAt(ms, said);
  }

  #stateAt(ms: number, said: SpanStatement): void {
    const scope = scopeOf(said);
    const own = `${ms} ${JSON.stringify(scope)}`;
    let replaced = false;
    for (const [key, cell] of this.cells) {
      const gives = said.overrides || worth[cell.state] < worth[said.state];
      if (!gives || !key.startsWith(`${ms} `) || !isWithin(cell.scope, scope, spacesOf)) continue;
      replaced = true;
      if (said.overrides) this.cells.delete(key);
      else this.cells.set(key, { ...cell, state: said.state });
    }
    const others = [...this.cells].filter(
      ([key, cell]) =>
        key.startsWith(`${ms} `) &&
        !isWithin(cell.scope, scope, spacesOf) &&
        !areTwo(cell.scope.deviceId, scope.deviceId),
    );
    const saidBefore =
      others.some(([, cell]) => isWithin(scope, cell.scope, spacesOf)) &&
      others.every(([, cell]) => cell.state === 'complete');
    if (said.state === 'complete' && saidBefore && !replaced) return;
    if (!this.cells.has(own)) this.cells.set(own, { scope, state: said.state });
  }

  static of(rows: readonly SpanRow[]): Model {
    const model = new Model();
    for (const row of rows) {
      for (let ms = row.fromMs; ms < row.toMs; ms += 1) {
        const key = `${ms} ${JSON.stringify(scopeOf(row))}`;
        // No two rows of one scope speak of the same millisecond.
        expect(model.cells.has(key)).toBe(false);
        model.cells.set(key, { scope: scopeOf(row), state: row.state });
      }
    }
    return model;
  }
}

const sorted = (model: Model) => [...model.cells].toSorted(([a], [b]) => (a < b ? -1 : 1));
const at = (nowMs: number, horizonMs = Number.NEGATIVE_INFINITY) => ({ nowMs, horizonMs });

describe('statements laid over each other', () => {
  it('say of every moment what the rules say, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 12 }), (list) => {
        const model = new Model();
        let rows: readonly SpanRow[] = [];
        for (const [index, said] of list.entries()) {
          model.state(said);
          rows = paint(rows, said, at(index), spacesOf);
        }
        expect(sorted(Model.of(rows))).toEqual(sorted(model));
        for (const row of rows) {
          expect(row.fromMs).toBeLessThan(row.toMs);
          expect(settledUntil(row, -1)).toBeGreaterThanOrEqual(row.fromMs);
          expect(settledUntil(row, 99)).toBe(row.toMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('say the same in fewer rows', () => {
    const subjects = ['d1', 'd2', 'd3'].flatMap((deviceId) =>
      [undefined, 'a', 'b'].map((signal) => ({ deviceId, signal, spaces: HOUSE[deviceId] ?? [] })),
    );
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 12 }), fc.nat(12), (list, horizonMs) => {
        let rows: readonly SpanRow[] = [];
        for (const [index, said] of list.entries()) rows = paint(rows, said, at(index, horizonMs), spacesOf);
        const fewer = compacted(rows, horizonMs, spacesOf);
        expect(fewer.length).toBeLessThanOrEqual(rows.length);
        const frame = { fromMs: 0, toMs: END };
        const circumstances = { horizonMs, liveUntilMs: undefined, standsStill: undefined };
        const states = (of: readonly SpanRow[], subject: (typeof subjects)[number]) =>
          tiled(frame, judge(frame, subject, { rows: of, doubts: [] }, circumstances), {
            decide: ([one]) => one?.state,
            same: (a, b) => a === b,
          });
        for (const subject of subjects) expect(states(fewer, subject)).toEqual(states(rows, subject));
      }),
      { numRuns: 300 },
    );
  });

  it('never call settled what was stated after the horizon', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 10 }), fc.nat(10), (list, behind) => {
        let rows: readonly SpanRow[] = [];
        /** When each millisecond of a scope was last stated anew. */
        const statedAt = new Map<string, number>();
        for (const [now, said] of list.entries()) {
          const before = Model.of(rows);
          rows = compacted(paint(rows, said, at(now, now - behind), spacesOf), now - behind, spacesOf);
          for (const [key, cell] of Model.of(rows).cells)
            if (before.cells.get(key)?.state !== cell.state) statedAt.set(key, now);
          const horizon = now - behind;
          for (const row of rows)
            for (let ms = row.fromMs; ms < settledUntil(row, horizon); ms += 1)
              expect(statedAt.get(`${ms} ${JSON.stringify(scopeOf(row))}`)).toBeLessThanOrEqual(horizon);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('leave as many rows as there are holes, however long a source goes on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(9), { minLength: 50, maxLength: 300 }),
        fc.integer({ min: 1, max: 5 }),
        (rounds, lag) => {
          let rows: readonly SpanRow[] = [];
          let untilMs = 0;
          let holes = 0;
          for (const [round, luck] of rounds.entries()) {
            const nowMs = (round + 1) * 10;
            // One round in ten loses what lies behind; all others read on from where they were, with a look-back.
            const skipped = luck === 0 && round > 0;
            if (skipped) holes += 1;
            const fromMs = skipped ? nowMs - 5 : Math.max(0, untilMs - 3);
            const said: SpanStatement = { fromMs, toMs: nowMs, state: 'complete', source: 'poll', onward: true };
            for (const hole of leftOut(rows, said, untilMs || undefined, spacesOf))
              rows = paint(rows, { ...said, ...hole, state: 'missing' }, at(nowMs), spacesOf);
            rows = compacted(paint(rows, said, at(nowMs, nowMs - lag * 10), spacesOf), nowMs - lag * 10, spacesOf);
            untilMs = nowMs;
          }
          expect(rows.filter(({ state }) => state === 'missing')).toHaveLength(holes);
          expect(rows.length).toBeLessThanOrEqual(2 * holes + 1);
          // What was stated as long ago as the horizon lags is settled, though the row has grown in every round since.
          const last = rows.find(({ toMs }) => toMs === untilMs);
          expect(last && settledUntil(last, untilMs - lag * 10)).toBeGreaterThanOrEqual(
            Math.max(last?.fromMs ?? 0, untilMs - (2 * lag + 1) * 10),
          );
        },
      ),
    );
  });

  it('of less worth leave what is worth more, unless something was lost', () => {
    const [read] = [paint([], { fromMs: 0, toMs: 10, state: 'complete', source: 'poll' }, at(0), spacesOf)];
    const failed: SpanStatement = { fromMs: 5, toMs: 15, state: 'missing', source: 'poll' };
    expect(brief(paint(read, failed, at(1), spacesOf))).toEqual(['complete 0-10', 'missing 10-15']);
    const lost: SpanStatement = { ...failed, state: 'unrecoverable', overrides: true };
    expect(brief(paint(read, lost, at(1), spacesOf))).toEqual(['complete 0-5', 'unrecoverable 5-15']);
  });
});

const brief = (rows: readonly SpanRow[]) => rows.map(({ state, fromMs, toMs }) => `${state} ${fromMs}-${toMs}`);
