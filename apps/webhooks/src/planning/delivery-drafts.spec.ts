import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { draftsOf, type WantedEvent } from './delivery-drafts.ts';

const events = fc
  .array(fc.string({ maxLength: 40 }), { maxLength: 60 })
  .map((values) =>
    values.map(
      (value, n): WantedEvent => ({ id: `e${n}`, cursor: `c${n}`, text: JSON.stringify({ id: `e${n}`, value }) }),
    ),
  );
const limits = fc.record({
  maxEvents: fc.integer({ min: 1, max: 20 }),
  maxCharacters: fc.integer({ min: 1, max: 400 }),
});

describe('deliveries of events', () => {
  it('hold every event once, in order, as it was published', () => {
    fc.assert(
      fc.property(events, limits, (wanted, bounds) => {
        const drafts = draftsOf(wanted, bounds, null);
        expect(drafts.flatMap((draft) => draft.eventIds)).toEqual(wanted.map(({ id }) => id));
        expect(drafts.flatMap((draft) => JSON.parse(draft.body))).toEqual(wanted.map(({ text }) => JSON.parse(text)));
      }),
    );
  });

  it('keep to the limits, and leave no room that the next event would have had', () => {
    fc.assert(
      fc.property(events, limits, (wanted, bounds) => {
        const sizes = draftsOf(wanted, bounds, null).map(({ eventIds }) =>
          eventIds.map((id) => wanted.find((event) => event.id === id)?.text.length ?? 0),
        );
        for (const [n, sizesOfOne] of sizes.entries()) {
          const sum = sizesOfOne.reduce((total, size) => total + size, 0);
          expect(sizesOfOne.length).toBeLessThanOrEqual(bounds.maxEvents);
          expect(sum <= bounds.maxCharacters || sizesOfOne.length === 1).toBe(true);
          const next = sizes[n + 1]?.[0];
          if (next !== undefined && sizesOfOne.length < bounds.maxEvents)
            expect(sum + next).toBeGreaterThan(bounds.maxCharacters);
        }
      }),
    );
  });

  it('follow each other without a gap: where one ends the next begins', () => {
    fc.assert(
      fc.property(events, fc.option(limits, { nil: { maxCharacters: 1 } }), (wanted, bounds) => {
        let before: string | null = 'start';
        for (const draft of draftsOf(wanted, bounds, 'start')) {
          expect(draft.after).toBe(before);
          expect(draft.cursor).toBe(`c${draft.eventIds.at(-1)?.slice(1)}`);
          before = draft.cursor;
        }
      }),
    );
  });

  it('are single events where no batch was asked for', () => {
    const one = { id: 'e', cursor: 'c', text: '{"id":"e"}' };
    expect(draftsOf([one, one], { maxCharacters: 9 }, null)).toMatchObject([
      { mediaType: 'application/cloudevents+json', body: '{"id":"e"}' },
      { mediaType: 'application/cloudevents+json' },
    ]);
    expect(draftsOf([one], { maxEvents: 5, maxCharacters: 9 }, null)).toMatchObject([
      { mediaType: 'application/cloudevents-batch+json', body: '[{"id":"e"}]' },
    ]);
  });
});
