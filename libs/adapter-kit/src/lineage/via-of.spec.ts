import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MAX_VIA, type ViaCall, via } from '@tributary/contracts';
import fc from 'fast-check';
import type { DataSource } from './data-source.ts';
import { viaOf } from './via-of.ts';

const BUILD = { adapter: 'adapter-acme 0.1.0 0123456789ab', mapping: 'ba9876543210' };
/** What an event may spend on telling where it comes from: with all its points it must fit into one message. */
const MAX_BYTES = 3_000;

const call: fc.Arbitrary<ViaCall> = fc.record({
  operation: fc.stringMatching(/^[A-Z]{4}-\d{2}$/),
  method: fc.constantFrom('GET', 'POST'),
  address: fc.stringMatching(/^https:\/\/[a-z]{1,200}\/x$/),
  status: fc.constant(200),
  at: fc.constant('2026-03-29T01:00:00.000Z'),
  ms: fc.nat(),
  bytes: fc.nat(),
  digest: fc.stringMatching(/^[A-Za-z0-9_-]{16}$/),
});
const message = fc.record({
  topic: fc.string({ maxLength: 2_000 }),
  payload: fc.uint8Array({ maxLength: 50 }),
  qos: fc.constantFrom(0 as const, 1 as const),
  dup: fc.boolean(),
  receivedAtMs: fc.nat(),
});
const source: fc.Arbitrary<DataSource> = fc.oneof(
  fc.record({ calls: fc.array(call, { minLength: 1, maxLength: MAX_VIA }), more: fc.nat({ max: 100 }) }),
  fc.record({ message }),
);

const countOf = ({ calls = [], message, more = 0 }: DataSource) => calls.length + (message ? 1 : 0) + more;

describe('what an event says of its sources', () => {
  it('fits the contract, is bounded, and counts what it leaves out', () => {
    fc.assert(
      fc.property(fc.array(source, { maxLength: 30 }), (sources) => {
        const told = viaOf(sources, BUILD);
        expect(via.parse(told)).toEqual(told);
        expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(MAX_BYTES);
        const named = (told?.calls?.length ?? 0) + (told?.messages?.length ?? 0);
        const there = sources.reduce((sum, one) => sum + countOf(one), 0);
        expect(named + (told?.more ?? 0)).toBe(there);
      }),
    );
  });

  it('names one source once, and the newest where there are too many', () => {
    const of = (topic: string) => ({
      message: { topic, payload: Buffer.from(topic), dup: false, qos: 1 as const, receivedAtMs: 5 },
    });
    const same = of('a');
    expect(viaOf([same, same], undefined)?.messages).toEqual([
      {
        topic: 'a',
        qos: 1,
        at: '1970-01-01T00:00:00.005Z',
        bytes: 1,
        digest: createHash('sha256').update('a').digest('base64url').slice(0, 16),
      },
    ]);
    const many = viaOf(['a', 'b', 'c', 'd', 'e', 'f'].map(of), undefined);
    expect(many?.messages?.map(({ topic }) => topic)).toEqual(['c', 'd', 'e', 'f']);
    expect(many?.more).toBe(2);
  });

  it('is nothing where nothing is known', () => {
    expect(viaOf([], undefined)).toBeUndefined();
  });
});
