import { z } from 'zod';
import { connectionId } from '../words.ts';

const points = z.number().int().nonnegative();

/** Received = stored + duplicate + corrected + superseded + parked + all of `dropped` + inFlight + missing. */
export const conservationCounts = z.object({
  received: points.describe('Points that the connection brought.'),
  stored: points,
  duplicate: points.describe('There already, with this very value.'),
  corrected: points.describe('Replaced another value of the same time, which is now a revision.'),
  superseded: points.describe('Came after a newer value of the same time, and is a revision.'),
  parked: points.describe('Set aside with their message, to be replayed or discarded.'),
  dropped: z
    .record(z.string(), points)
    .describe(
      'By rule, those that met any. `unchanged`: read again with the value that was handed over before. `unacknowledged`: the adapter ended before the bus had them, and the source, which was not acknowledged, gives them again. `expired`: older than the retention. `unknown-connection`, `discarded`. Of what cannot be a point: `no-value`, `not-a-number`, `not-json`, `bad-signal`, `bad-time`, `future-time`, `too-large`, `bad-item`.',
    ),
  inFlight: points.describe('Received, and neither dealt with nor missing.'),
  missing: z
    .number()
    .int()
    .describe(
      'What is left over: zero when the account balances. Less than zero where more arrived than was received.',
    ),
});

export const conservationStates = ['balanced', 'open', 'unbalanced'] as const;
/** Balanced: everything has its place. Open: something is in flight. Unbalanced: something is missing, and stays so. */
export const conservationState = z.enum(conservationStates);

/** Numbers of points that the bus had confirmed and that never arrived. */
export const conservationHole = z.object({
  run: z.string().describe('`data.run.id` of the events that are lost.'),
  first: points.describe(
    'Number of the first missing point: between `data.run.first` of its event and its last point.',
  ),
  points: z.number().int().positive().describe('How many follow one another.'),
});

export const conservationMinute = conservationCounts.extend({
  connectionId,
  minute: z.iso.datetime().describe('In which the adapter received the points, by its clock.'),
  state: conservationState,
  redelivered: points.describe('Points that arrived again after they had arrived; part of no sum.'),
  holes: z.array(conservationHole).describe('What is missing, where it has numbers.'),
});
export type ConservationCounts = z.output<typeof conservationCounts>;
export type ConservationMinute = z.output<typeof conservationMinute>;

/** A page of minutes, newest first, and the sums of all minutes that were asked for. */
export const conservationAnswer = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  state: conservationState,
  totals: conservationCounts,
  items: z.array(conservationMinute),
  page: z.object({ nextCursor: z.string().optional() }),
});
