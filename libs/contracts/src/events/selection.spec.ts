import { describe, expect, it } from '@jest/globals';
import { eventSelection } from './selection.ts';

describe('eventSelection', () => {
  const con = `con_${'a'.repeat(26)}`;
  const key = (workspace: string, event: string, subject = 'dev_x') => `${workspace}.${event}.acme.${con}.${subject}`;
  it('fences the workspace before anything else', () => {
    const all = eventSelection('acme', {});
    expect(all(key('acme', 'device.updated'))).toBe(true);
    expect(all(key('acme2', 'device.updated'))).toBe(false);
    expect(all(key('other', 'device.updated'))).toBe(false);
    expect(all('acme.nonsense')).toBe(false);
  });
  it('knows names, areas, subjects, connections and platforms', () => {
    expect(eventSelection('acme', { types: ['device'] })(key('acme', 'device.updated'))).toBe(true);
    expect(eventSelection('acme', { types: ['device.removed'] })(key('acme', 'device.updated'))).toBe(false);
    expect(eventSelection('acme', { subjects: ['dev_y'] })(key('acme', 'device.updated'))).toBe(false);
    expect(eventSelection('acme', { connectionId: con, platform: 'acme' })(key('acme', 'device.updated'))).toBe(true);
    expect(eventSelection('acme', { platform: 'other' })(key('acme', 'device.updated'))).toBe(false);
  });
});
