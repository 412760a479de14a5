import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { actionTopic, allPorts, isTopicLevel, placeOf } from './topics.ts';

const place = { company: 'c', location: 'l', hub: 'h', port: 'p' };

describe('topics', () => {
  it('begin with a slash and name every level', () => {
    expect(allPorts('r2d2i5b43')).toBe('/ports/r2d2i5b43/#');
    expect(actionTopic(place)).toBe('/action/c/l/h/p');
    expect(placeOf('/ports/c/l/h/p', 'c')).toEqual(place);
  });

  it.each(['', '+', '#', 'a/b', 'a\0', 'a+', '\ud800'])('never hold the id %j', (id) => {
    expect(() => allPorts(id)).toThrow(/id is empty/);
    for (const member of ['company', 'location', 'hub', 'port'] as const) {
      expect(() => actionTopic({ ...place, [member]: id })).toThrow(/id is empty/);
    }
  });

  it.each([
    '/ports/other/l/h/p',
    '/ports/c/l/h',
    '/ports/c/l/h/p/q',
    'ports/c/l/h/p',
    '/action/c/l/h/p',
    '/ports/c//h/p',
    '/ports/c/l/h/',
    '',
  ])('of others are nobody’s: %j', (topic) => {
    expect(placeOf(topic, 'c')).toBeUndefined();
  });

  it('lead back to the place they were made from', () => {
    const id = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter(isTopicLevel);
    fc.assert(
      fc.property(id, id, id, id, (company, location, hub, port) => {
        const given = { company, location, hub, port };
        expect(placeOf(actionTopic(given).replace('/action/', '/ports/'), company)).toEqual(given);
      }),
    );
  });
});
