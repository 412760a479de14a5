import { describe, expect, it } from '@jest/globals';
import { deviceId, makeEvent } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import { accountPoints, claimOf, together } from './account-points.ts';
import { parseTelemetry } from './telemetry-message.ts';

const CONNECTION = `con_${'a'.repeat(26)}`;
const RUN = `run_${'b'.repeat(26)}`;
const TIME = '2026-03-29T01:00:42.000Z';
const MINUTE = Date.parse('2026-03-29T01:00:00.000Z');

const event = (values: unknown[], run: unknown = { id: RUN, first: 10, confirmed: 4 }) =>
  makeEvent({
    id: newEventId(),
    name: 'telemetry.observed',
    workspace: 'default',
    platform: 'acme',
    connectionId: CONNECTION,
    subject: deviceId(CONNECTION, 'n1'),
    time: TIME,
    origin: 'live',
    data: {
      deviceId: deviceId(CONNECTION, 'n1'),
      nativeId: 'n1',
      rev: '17',
      run: run as never,
      points: values.map((value) => ({ signal: 's', ts: TIME, value: value as number })),
    },
  });
const known = { workspace: 'default', connectionId: CONNECTION, run: RUN, minuteMs: MINUTE, confirmedBelow: 4 };

describe('what the account knows points by', () => {
  it('the minute of the message, and the numbers that follow its first', () => {
    const parsed = parseTelemetry(event([1, 2, 3]));
    if (!parsed.ok) throw new Error('a good message was refused');
    expect(accountPoints(parsed.message)).toEqual({ ...known, numbers: [[10, 13]], points: 3 });
    expect(accountPoints(parsed.message, [0, 2])).toEqual({
      ...known,
      numbers: [
        [10, 11],
        [12, 13],
      ],
      points: 2,
    });
  });

  it('of a message that is partly good, each part has its own numbers, and together they are all', () => {
    const json = event([1, null, 3, null]);
    const parsed = parseTelemetry(json);
    if (parsed.ok || !parsed.good) throw new Error('expected a part that is good');
    const good = accountPoints(parsed.good);
    const bad = claimOf(json, parsed.good)?.points;
    expect(good.numbers).toEqual([
      [10, 11],
      [12, 13],
    ]);
    expect(bad).toEqual({
      ...known,
      numbers: [
        [11, 12],
        [13, 14],
      ],
      points: 2,
    });
    expect(together(good, bad)).toEqual({ ...known, numbers: [[10, 14]], points: 4 });
    // The second of the good ones is the third of the message.
    expect(accountPoints(parsed.good, [1]).numbers).toEqual([[12, 13]]);
  });

  it('of a message that does not fit, as long as it says whose points it brings', () => {
    expect(claimOf({ ...event([1, 2]), specversion: '2.0' })).toMatchObject({
      workspace: 'default',
      connectionId: CONNECTION,
      points: { ...known, numbers: [[10, 12]], points: 2 },
    });
    expect(claimOf({ ...event([1]), source: '/workspaces/default' })).toBeUndefined();
    expect(claimOf({ ...event([1]), time: 'yesterday' })).toBeUndefined();
    expect(claimOf([1, 2])).toBeUndefined();
  });

  it('without numbers they are only counted', () => {
    const unnumbered = { ...known, run: '', numbers: [], points: 2, confirmedBelow: 0 };
    expect(claimOf(event([1, 2], null))?.points).toEqual(unnumbered);
    expect(claimOf(event([1, 2], { id: 'x', first: -1 }))?.points).toEqual(unnumbered);
  });
});
