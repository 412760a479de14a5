import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventNames } from './events/names.ts';
import { areaBinding, parseRoutingKey, routingKey } from './routing.ts';

const word = fc.stringMatching(/^[a-z0-9_-]{1,30}$/);
const parts = fc.record({
  workspace: word,
  event: fc.constantFrom(...eventNames),
  platform: word,
  connectionId: word,
  subjectId: word,
});

describe('routing keys', () => {
  it('come back as the parts they were made of', () => {
    fc.assert(fc.property(parts, (p) => expect(parseRoutingKey(routingKey(p))).toEqual(p)));
  });

  it('refuse a word that would route elsewhere', () => {
    for (const subjectId of ['', 'a.b', '#', '*', 'Ä', 'A', 'a b']) {
      expect(() =>
        routingKey({ workspace: 'w', event: 'device.updated', platform: 'p', connectionId: 'c', subjectId }),
      ).toThrow(RangeError);
    }
  });

  it('are undefined for what is not ours', () => {
    fc.assert(fc.property(fc.string(), (text) => parseRoutingKey(text) === undefined || text.split('.').length === 6));
    expect(parseRoutingKey('w.device.exploded.p.c.d')).toBeUndefined();
  });

  it('bind an area of all workspaces or of one', () => {
    expect([areaBinding('telemetry'), areaBinding('command', 'acme')]).toEqual(['*.telemetry.#', 'acme.command.#']);
  });
});
