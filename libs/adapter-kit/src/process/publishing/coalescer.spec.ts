import { describe, expect, it } from '@jest/globals';
import type { Origin, Point } from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import fc from 'fast-check';
import { Coalescer } from './coalescer.ts';
import { preparePoint } from './prepared-point.ts';
import { LedgerMinute } from './run-ledger.ts';

interface Sent {
  device: string;
  origin: Origin;
  points: Point[];
}

function coalescer(options: { maxPoints?: number; maxBytes?: number; fail?: boolean } = {}) {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  let duplicates = 0;
  const subject = new Coalescer({
    clock,
    lingerMs: 15,
    maxPoints: options.maxPoints ?? 500,
    maxBytes: options.maxBytes ?? 60_000,
    send: async ({ device, origin, points }) => {
      if (options.fail) throw new Error('not confirmed');
      sent.push({ device, origin, points: points.map(({ point }) => point) });
    },
    onDuplicate: () => {
      duplicates += 1;
    },
  });
  return { clock, sent, subject, duplicates: () => duplicates };
}

const arrival = { atMs: 0, minute: new LedgerMinute('run', 0) };

const point = (signal: string, ms: number, value: Point['value']): Point => ({
  signal,
  ts: new Date(ms).toISOString(),
  value,
});

describe('Coalescer', () => {
  it('sends what came within the linger as one message of the device', async () => {
    const { clock, sent, subject } = coalescer();
    const first = subject.add('a', 'live', [preparePoint(point('p', 1, 1))], arrival);
    await clock.advance(10);
    const second = subject.add('a', 'live', [preparePoint(point('p', 2, 2))], arrival);
    expect(sent).toHaveLength(0);
    await clock.advance(5);
    await Promise.all([first, second]);
    expect(sent).toEqual([{ device: 'a', origin: 'live', points: [point('p', 1, 1), point('p', 2, 2)] }]);
  });

  it('lets no message reach over the turn of a minute: its points would be counted in two', async () => {
    const { sent, subject } = coalescer();
    const next = { atMs: 60_000, minute: new LedgerMinute('run', 60_000) };
    const waits = [
      subject.add('a', 'live', [preparePoint(point('p', 1, 1))], arrival),
      subject.add('a', 'live', [preparePoint(point('p', 2, 2))], next),
      subject.add('b', 'live', [preparePoint(point('p', 2, 2))], next),
    ];
    subject.flush();
    await Promise.all(waits);
    expect(sent.map(({ device, points }) => [device, points.length])).toEqual([
      ['a', 1],
      ['a', 1],
      ['b', 1],
    ]);
  });

  it('rejects for everyone whose points were in a message that failed', async () => {
    const { subject } = coalescer({ fail: true });
    const waiting = subject.add('a', 'live', [preparePoint(point('p', 1, 1))], arrival);
    subject.flush();
    await expect(waiting).rejects.toThrow('not confirmed');
  });

  it('never exceeds its limits, never mixes two values of one identity, loses nothing, keeps the order', async () => {
    const anyPoint = fc.record({
      device: fc.constantFrom('a', 'b'),
      origin: fc.constantFrom<Origin>('live', 'poll'),
      point: fc
        .tuple(
          fc.constantFrom('p', 'q'),
          fc.integer({ min: 1, max: 4 }),
          fc.oneof(fc.integer({ min: 0, max: 2 }), fc.string({ maxLength: 60 })),
        )
        .map(([signal, ms, value]) => point(signal, ms, value)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyPoint, { maxLength: 60 }), async (inputs) => {
        const { sent, subject, duplicates } = coalescer({ maxPoints: 5, maxBytes: 300 });
        const waits = inputs.map((input) =>
          subject.add(input.device, input.origin, [preparePoint(input.point)], arrival),
        );
        subject.flush();
        await Promise.all(waits);
        for (const message of sent) {
          expect(message.points.length).toBeLessThanOrEqual(5);
          expect(message.points.length === 1 || Buffer.byteLength(JSON.stringify(message.points)) <= 302).toBe(true);
          expect(new Set(message.points.map((p) => `${p.signal} ${p.ts}`)).size).toBe(message.points.length);
        }
        expect(sent.flatMap((m) => m.points).length + duplicates()).toBe(inputs.length);
        // The last value of an identity is in the last message that has it.
        for (const device of ['a', 'b']) {
          for (const origin of ['live', 'poll']) {
            const mine = (m: { device: string; origin: string }) => m.device === device && m.origin === origin;
            const wanted = new Map(inputs.filter(mine).map((i) => [`${i.point.signal}${i.point.ts}`, i.point.value]));
            const got = new Map(sent.filter(mine).flatMap((m) => m.points.map((p) => [`${p.signal}${p.ts}`, p.value])));
            expect(got).toEqual(wanted);
          }
        }
      }),
    );
  });
});
