import { describe, expect, it } from '@jest/globals';
import { type Filter, matchesFilter } from '@tributary/contracts';
import fc from 'fast-check';
import { AnswerSources, mayMatch, type SourceRow, storedSource } from './stored-source.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const row = (more: Partial<SourceRow>): SourceRow => ({
  id: 'con_a',
  platform: 'acme',
  paused: false,
  status: 'connected',
  since: new Date(NOW - 90_000),
  reason: null,
  owned: true,
  leased_until: new Date(NOW + 10_000),
  ...more,
});

describe('what is stored of a connection', () => {
  it.each<[string, Partial<SourceRow>, object]>([
    ['it is connected and looked after', {}, { status: 'ok', ageMs: 0 }],
    [
      'it is degraded',
      { status: 'degraded', reason: 'timeouts' },
      { status: 'stale', ageMs: 90_000, reason: 'timeouts' },
    ],
    ['it is unauthorized', { status: 'unauthorized' }, { status: 'stale', ageMs: 90_000, reason: 'unauthorized' }],
    ['it is paused', { paused: true, status: 'paused' }, { status: 'stale', ageMs: 90_000, reason: 'paused' }],
    ['its adapter is gone', { owned: false, leased_until: new Date(NOW - 5_000) }, { status: 'stale', ageMs: 5_000 }],
    ['its adapter never was', { owned: false, leased_until: null }, { status: 'stale' }],
    ['it has said nothing', { status: null, since: null }, { status: 'stale', reason: expect.any(String) }],
    ['it was resumed a moment ago', { status: 'paused' }, { status: 'stale', reason: expect.any(String) }],
  ])('%s', (_what, more, expected) => expect(storedSource(row(more), NOW)).toMatchObject(expected));

  it('names those that are on the page or not well, and is complete only where all are well', () => {
    const well = storedSource(row({ id: 'con_a' }), NOW);
    const idle = storedSource(row({ id: 'con_b' }), NOW);
    const sick = storedSource(row({ id: 'con_c', status: 'degraded' }), NOW);
    expect(new AnswerSources([well, idle]).meta(['con_a'])).toEqual({ complete: true, sources: [well] });
    const all = new AnswerSources([well, idle, sick]);
    expect(all.meta(['con_a'])).toEqual({ complete: false, sources: [well, sick] });
    expect(() => all.demand('any')).not.toThrow();
    expect(() => all.demand('all')).toThrow(expect.objectContaining({ code: 'sources-incomplete' }));
    expect(() => all.among(({ connectionId }) => connectionId !== 'con_c').demand('all')).not.toThrow();
  });
});

describe('a filter', () => {
  const names = ['a', 'b'];
  const leaf: fc.Arbitrary<Filter> = fc.record({
    kind: fc.constant('compare' as const),
    field: fc.constantFrom('connectionId', 'platform', 'name', 'kind'),
    operator: fc.constantFrom('eq' as const, 'ne' as const, 'co' as const, 'ge' as const),
    value: fc.constantFrom(...names),
    at: fc.constant(0),
  });
  const { tree } = fc.letrec<{ tree: Filter }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        parts: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), part: tie('tree') }),
    ),
  }));
  const word = fc.constantFrom(...names);

  it('never rules out a connection of which a record satisfies it', () => {
    fc.assert(
      fc.property(tree, word, word, word, word, (filter, connectionId, platform, name, kind) => {
        const record = { connectionId, platform, name, kind };
        if (matchesFilter(filter, record)) expect(mayMatch(filter, { connectionId, platform })).toBe(true);
      }),
    );
  });

  it('rules out whom it does not ask for', () => {
    const filter: Filter = { kind: 'compare', field: 'platform', operator: 'eq', value: 'acme', at: 0 };
    expect(mayMatch(filter, { connectionId: 'a', platform: 'other' })).toBe(false);
    expect(mayMatch({ kind: 'not', part: filter }, { connectionId: 'a', platform: 'acme' })).toBe(false);
  });
});
