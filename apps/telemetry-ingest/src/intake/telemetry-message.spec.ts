import { describe, expect, it } from '@jest/globals';
import { deviceId, eventType, makeEvent, parseEvent } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import fc from 'fast-check';
import { readBody } from './message-body.ts';
import { parseTelemetry } from './telemetry-message.ts';

const CONNECTION = `con_${'a'.repeat(26)}`;

const event = (points: unknown[], changes: Record<string, unknown> = {}) => ({
  ...makeEvent({
    id: newEventId(),
    name: 'telemetry.observed',
    workspace: 'default',
    platform: 'acme',
    connectionId: CONNECTION,
    subject: deviceId(CONNECTION, 'n1'),
    time: '2026-03-29T01:00:00.000Z',
    origin: 'live',
    data: {
      deviceId: deviceId(CONNECTION, 'n1'),
      nativeId: 'n1',
      rev: '17',
      run: { id: `run_${'b'.repeat(26)}`, first: 7, confirmed: 3 },
      points: points as never,
    },
  }),
  ...changes,
});
const point = (changes: Record<string, unknown> = {}) => ({
  signal: 'power',
  ts: '2026-03-29T01:00:00.000Z',
  value: 12.5,
  ...changes,
});

/** Things that stand where something else should: near misses of every member, and nonsense. */
const oddity: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    '',
    null,
    Number.POSITIVE_INFINITY,
    -0,
    'é'.repeat(256),
    '😀'.repeat(200),
    'x'.repeat(257),
    'x'.repeat(513),
    '2026-02-29T00:00:00Z',
    '2024-02-29T00:00:00Z',
    '2026-01-31T23:59:59.123456789Z',
    '2026-01-31T24:00:00Z',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00:00+01:00',
    '2026-01-01t00:00:00z',
    '0',
    '007',
    '99999999999999999999',
    '9223372036854775808',
    { __proto__: null, a: [1, [2, { b: null }]] },
    JSON.parse('{"__proto__": 1, "a": 1}'),
    [],
    {},
    CONNECTION,
    `/workspaces/other/connections/${CONNECTION}`,
    newEventId().toUpperCase(),
    '00000000-0000-0000-0000-000000000000',
    'backfill',
    eventType('device.updated'),
  ),
);

type Path = readonly (string | number)[];
const paths: Path[] = [
  ...['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema'].map((m) => [m]),
  ...['platform', 'connectionid', 'origin', 'traceparent', 'data', 'unheardOf'].map((m) => [m]),
  ...['deviceId', 'nativeId', 'rev', 'run', 'points', 'unheardOf'].map((m) => ['data', m]),
  ...['id', 'first', 'confirmed', 'unheardOf'].map((m) => ['data', 'run', m]),
  ...['signal', 'ts', 'value', 'unit', 'unheardOf'].map((m) => ['data', 'points', 0, m]),
  ['data', 'points', 1],
];

function setAt(target: unknown, path: Path, value: unknown, remove: boolean): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, step) => (at as Record<string, unknown>)?.[step], target);
  if (typeof parent !== 'object' || parent === null) return;
  const last = path.at(-1) as string;
  if (remove) delete (parent as Record<string, unknown>)[last];
  else (parent as Record<string, unknown>)[last] = value;
}

const decision = (json: unknown) => {
  const parsed = parseTelemetry(json);
  // Whether ids agree with each other is asked beyond the contract.
  return parsed.ok ? 'accepted' : parsed.fault.reason === 'mismatch' ? 'accepted' : 'refused';
};
const contractDecision = (json: unknown) => {
  const parsed = parseEvent(json);
  return parsed.ok && parsed.name === 'telemetry.observed' ? 'accepted' : 'refused';
};

describe('parseTelemetry', () => {
  it('decides as the contract does, for any change of a good message', () => {
    const changes = fc.array(fc.record({ path: fc.constantFrom(...paths), value: oddity, remove: fc.boolean() }), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(changes, (list) => {
        const json = event([point({ unit: 'W' }), point({ value: { deep: [true, 'x', 1] } })]);
        for (const change of list) setAt(json, change.path, change.value, change.remove);
        expect(decision(json)).toBe(contractDecision(json));
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads the same values as the contract', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 5 }), (values) => {
        const json = JSON.parse(JSON.stringify(event(values.map((value) => point({ value: value ?? 0 })))));
        const parsed = parseTelemetry(json);
        const contract = parseEvent(json);
        if (!parsed.ok || !contract.ok) throw new Error('a good message was refused');
        expect(parsed.message.points).toEqual((contract.event.data as { points: unknown }).points);
      }),
    );
  });

  it('keeps the good points of a message that is partly good, and names the bad one', () => {
    const parsed = parseTelemetry(event([point(), point({ value: null }), point({ signal: 's2' })]));
    expect(parsed).toMatchObject({
      ok: false,
      fault: { reason: 'schema', problems: [{ path: '/data/points/1/value' }] },
      good: { points: [{ signal: 'power' }, { signal: 's2' }] },
    });
  });

  it('keeps nothing of a message whose device is not good', () => {
    const json = event([point(), point({ value: null })]);
    json.data.rev = 'x';
    expect(parseTelemetry(json)).not.toHaveProperty('good');
  });

  it('refuses a device id that another connection or native id gives', () => {
    const json = event([point()]);
    json.data.nativeId = 'n2';
    expect(parseTelemetry(json)).toMatchObject({ ok: false, fault: { reason: 'mismatch' } });
    const foreign = event([point()], { source: `/workspaces/default/connections/con_${'b'.repeat(26)}` });
    expect(parseTelemetry(foreign)).toMatchObject({ ok: false, fault: { reason: 'mismatch' } });
  });

  it('refuses an event of another area', () => {
    const json = { ...event([point()]), type: eventType('platform-event.observed') };
    const data = { name: 'device.ping', ts: '2026-03-29T01:00:00.000Z' };
    expect(parseTelemetry({ ...json, data })).toMatchObject({ ok: false, fault: { reason: 'wrong-queue' } });
  });

  it('refuses what is nested a hundred thousand deep, without falling over', () => {
    const text = JSON.stringify(event([point({ value: 'HERE' })]));
    const deep = text.replace('"HERE"', `${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const body = readBody(Buffer.from(deep));
    if (!body.ok) throw new Error('expected JSON');
    expect(parseTelemetry(body.json)).toMatchObject({ ok: false, fault: { reason: 'schema' } });
  });
});

describe('readBody', () => {
  it.each([
    ['oversize', Buffer.alloc(1_048_577, 32)],
    ['encoding', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['json', Buffer.from('{"a":')],
    ['json', Buffer.alloc(0)],
  ])('refuses for %s', (reason, body) => {
    expect(readBody(body)).toMatchObject({ ok: false, fault: { reason } });
  });

  it('does not let a body change what objects inherit', () => {
    expect(readBody(Buffer.from('{"__proto__":{"admin":true}}')).ok).toBe(true);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
