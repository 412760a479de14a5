import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { deviceId } from '../ids.ts';
import { eventHeaders, makeEvent, makeHouseEvent, parseEvent } from './envelope.ts';
import { eventNameOf, eventNames, eventType } from './names.ts';

const connectionId = `con_${'a'.repeat(26)}`;
const nativeId = 'meter 1';
const device = deviceId(connectionId, nativeId);

const telemetry = () =>
  makeEvent({
    id: '019a9d0e-0000-7000-8000-000000000001',
    name: 'telemetry.observed',
    workspace: 'acme',
    platform: 'some-platform',
    connectionId,
    subject: device,
    time: '2026-03-29T01:00:00.000Z',
    origin: 'live',
    data: {
      deviceId: device,
      nativeId,
      rev: '1',
      points: [{ signal: 'power.watt', ts: '2026-03-29T01:00:00.000Z', value: 12.5, unit: 'W' }],
    },
  });

describe('parseEvent', () => {
  it('takes what makeEvent makes', () => {
    const parsed = parseEvent(JSON.parse(JSON.stringify(telemetry())));
    expect(parsed).toMatchObject({ ok: true, name: 'telemetry.observed', workspace: 'acme' });
  });

  it('names every problem by its pointer, in the envelope or in the data', () => {
    const outer = parseEvent({ ...telemetry(), id: 'x', origin: 'rumour' });
    expect(outer.ok ? [] : outer.problems.map((p) => p.path).toSorted()).toEqual(['/id', '/origin']);
    const bad = telemetry();
    const inner = parseEvent({ ...bad, data: { ...bad.data, points: [{ signal: '', ts: 'yesterday', value: null }] } });
    expect(inner.ok ? [] : inner.problems.map((p) => p.path).toSorted()).toEqual([
      '/data/points/0/signal',
      '/data/points/0/ts',
      '/data/points/0/value',
    ]);
  });

  it('refuses anything else without throwing', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => parseEvent(value).ok === false));
  });

  it('lets unknown members pass: contracts only grow', () => {
    expect(parseEvent({ ...telemetry(), sequence: '1' }).ok).toBe(true);
  });
});

describe('names and headers', () => {
  it('give each event a type of its own', () => {
    expect(new Set(eventNames.map(eventType)).size).toBe(eventNames.length);
    for (const name of eventNames) expect(eventNameOf(eventType(name))).toBe(name);
    expect(eventNameOf('io.tributary.telemetry.observed.v2')).toBeUndefined();
  });

  it('repeat the attributes, not the data, as flat text', () => {
    const headers = eventHeaders(telemetry());
    expect(headers).toMatchObject({
      cloudEvents_type: 'io.tributary.telemetry.observed.v1',
      cloudEvents_origin: 'live',
    });
    expect(headers).not.toHaveProperty('cloudEvents_data');
  });
});

describe('events of the house itself', () => {
  const subscriptionId = `sub_${'a'.repeat(26)}`;
  const draft = { id: '019a9d0e-0000-7000-8000-000000000002', workspace: 'acme', time: '2026-03-29T01:00:00.000Z' };
  const suspended = () =>
    makeHouseEvent({ ...draft, name: 'subscription.suspended', data: { subscriptionId, reason: 'gone' } });

  it('have no connection, and come back as what they are', () => {
    const parsed = parseEvent(JSON.parse(JSON.stringify(suspended())));
    expect(parsed).toMatchObject({ ok: true, name: 'subscription.suspended', workspace: 'acme' });
    expect(eventHeaders(suspended())).not.toHaveProperty('cloudEvents_connectionid');
  });

  it('tell what they are about, each its own', () => {
    const parkedMessageId = `prk_${'b'.repeat(26)}`;
    const data = {
      ...{ parkedMessageId, fingerprint: `fpr_${'c'.repeat(26)}`, kind: 'message' as const, reason: 'json' },
      ...{ problems: [], count: 1, since: '2026-03-29T01:00:00.000Z' },
    };
    const parked = makeHouseEvent({ ...draft, name: 'parked-message.parked', data });
    expect(parked).toMatchObject({ source: `/workspaces/acme/parked-messages/${parkedMessageId}` });
    expect(parseEvent(parked)).toMatchObject({ ok: true, name: 'parked-message.parked', workspace: 'acme' });
    expect(parseEvent({ ...parked, source: suspended().source }).ok).toBe(false);
    expect(parseEvent({ ...suspended(), source: parked.source }).ok).toBe(false);
  });

  it("cannot be told in the name of a connection, nor a connection's in theirs", () => {
    const foreign = parseEvent({ ...suspended(), source: telemetry().source });
    expect(foreign.ok ? [] : foreign.problems.map((p) => p.path)).toEqual(['/source']);
    expect(parseEvent({ ...telemetry(), source: suspended().source }).ok).toBe(false);
  });
});
