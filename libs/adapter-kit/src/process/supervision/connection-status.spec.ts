import { describe, expect, it } from '@jest/globals';
import { AuthenticationError, UnavailableError } from '@tributary/contracts';
import fc from 'fast-check';
import { ConnectionStatus, type StatusChange, troubleOf } from './connection-status.ts';

const away = troubleOf('probe', new UnavailableError('no answer'));
const refused = troubleOf('probe', new AuthenticationError('wrong password'));

describe('ConnectionStatus', () => {
  it('says each change once', () => {
    const status = new ConnectionStatus();
    expect(status.report('probe', undefined)).toEqual({ event: 'connected' });
    expect(status.report('probe', undefined)).toBeUndefined();
    expect(status.report('latest', away)).toMatchObject({ event: 'degraded', reason: 'probe: no answer' });
    expect(status.report('stream', away)).toBeUndefined();
    expect(status.report('latest', undefined)).toBeUndefined();
    expect(status.report('stream', refused)).toMatchObject({ event: 'unauthorized' });
    expect(status.report('stream', undefined)).toEqual({ event: 'recovered' });
  });

  it('takes up where the last owner left off', () => {
    expect(new ConnectionStatus('connected').report('probe', undefined)).toBeUndefined();
    expect(new ConnectionStatus('unauthorized').report('probe', undefined)).toEqual({ event: 'recovered' });
    expect(new ConnectionStatus('paused').report('probe', undefined)).toEqual({ event: 'connected' });
  });

  it('never says the same twice in a row, and ends well when all parts are well', () => {
    const report = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(undefined, away, refused));
    fc.assert(
      fc.property(fc.array(report), (reports) => {
        const status = new ConnectionStatus();
        const said: (StatusChange | undefined)[] = reports.map(([part, trouble]) => status.report(part, trouble));
        for (const part of ['a', 'b', 'c']) said.push(status.report(part, undefined));
        const events = said.flatMap((change) => (change ? [change.event] : []));
        for (let i = 1; i < events.length; i++) expect(events[i]).not.toBe(events[i - 1]);
        expect(status.status).toBe('connected');
        expect(['connected', 'recovered']).toContain(events.at(-1));
      }),
    );
  });
});
