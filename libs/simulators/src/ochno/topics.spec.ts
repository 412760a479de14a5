import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  isWellFormedFilter,
  isWellFormedTopic,
  matcher,
  mayPublish,
  maySubscribe,
  portTopic,
  readActionTopic,
} from './topics.ts';

const PLACE = { companyId: 'C', locationId: 'L', hubId: 'H', portId: 'P' };

/** The rule, level by level. */
function matches(filter: string, topic: string): boolean {
  const [f, t] = [filter.split('/'), topic.split('/')];
  for (let i = 0; i < f.length; i++) {
    if (f[i] === '#') return true;
    if (t[i] === undefined || (f[i] !== '+' && f[i] !== t[i])) return false;
  }
  return f.length === t.length;
}

describe('topics', () => {
  it('OCHNO-09 begin with a slash; a filter without it matches nothing', () => {
    expect(portTopic(PLACE)).toBe('/ports/C/L/H/P');
    expect(matcher('ports/C/#')(portTopic(PLACE))).toBe(false);
    for (const filter of ['/ports/C/#', '/ports/C/L/#', '/ports/C/L/H/#', '/ports/C/+/+/P', '/ports/C/L/H/P']) {
      expect(matcher(filter)(portTopic(PLACE))).toBe(true);
    }
    for (const filter of ['/ports/D/#', '/ports/C/+/P', '/ports/C', '/ports/C/+/+/Q', '/ports/C/L/H/P/+']) {
      expect(matcher(filter)(portTopic(PLACE))).toBe(false);
    }
  });

  it('OCHNO-09 match as MQTT has it', () => {
    const level = fc.constantFrom('', 'ports', 'C', 'D', 'L');
    const topic = fc.array(level, { minLength: 1, maxLength: 6 }).map((levels) => levels.join('/'));
    const filter = fc
      .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 6 }), fc.boolean())
      .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'));
    fc.assert(
      fc.property(filter, topic, (f, t) => expect(matcher(f)(t)).toBe(matches(f, t))),
      { numRuns: 2_000 },
    );
  });

  it('OCHNO-09 AMB-2 have # only as the last level, and at most 7 slashes', () => {
    for (const good of ['#', '/ports/C/#', '+/+', '/a/b/c/d/e/f/g']) expect(isWellFormedFilter(good)).toBe(true);
    for (const bad of ['/ports/#/P', '/ports/C#', '/ports/a+', '', '/a/b/c/d/e/f/g/h', '/a\0']) {
      expect(isWellFormedFilter(bad)).toBe(false);
    }
    expect([isWellFormedTopic('/a/b'), isWellFormedTopic('/a/#'), isWellFormedTopic('/a/+')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('OCHNO-11 AMB-3 action topics may leave places empty', () => {
    expect(readActionTopic('/action/C/L/H/P')).toEqual(PLACE);
    expect(readActionTopic('/action/C///')).toEqual({ companyId: 'C', locationId: '', hubId: '', portId: '' });
    for (const other of ['action/C/L/H/P', '/action/C/L/H', '/action//L/H/P', '/action/C/L/H/P/x', '/ports/C/L/H/P']) {
      expect(readActionTopic(other)).toBeUndefined();
    }
  });

  it('the policy of a company is its own ports and actions', () => {
    const filters = [
      '/ports/C/#',
      '/ports/C/+/+/P',
      '/ports/D/#',
      '/ports/#',
      '#',
      '/ports/+/#',
      '/ports/CC/#',
      '/action/C/#',
    ];
    expect(filters.map((filter) => maySubscribe('C', filter))).toEqual([true, true, ...Array(6).fill(false)]);
    expect(['/action/C///', '/action/D///', '/ports/C/L/H/P'].map((topic) => mayPublish('C', topic))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
