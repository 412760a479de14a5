import { z } from 'zod';
import { timestamp } from '../words.ts';

/** At most this many calls, or messages, of those that brought an event are named; the rest is counted. */
export const MAX_VIA = 4;
export const MAX_VIA_ADDRESS = 240;

const bytes = z.number().int().nonnegative();
const digest = z
  .string()
  .regex(/^[\w-]{16}$/, 'expected 16 characters of base64url')
  .describe('The first 96 bits of the SHA-256 of the bytes as they came, in base64url.');

/** A request that the platform answered. */
export const viaCall = z.object({
  operation: z.string().max(64).describe("The adapter's name of the call, such as OPTI-04."),
  method: z.string().max(10),
  address: z
    .string()
    .max(MAX_VIA_ADDRESS)
    .describe('Of the request, without what proves who we are: `***` stands for what is secret or personal.'),
  status: z.number().int(),
  at: timestamp.describe('When it was sent, by our clock.'),
  ms: z.number().nonnegative().describe('Until the last byte of the answer was here.'),
  bytes: bytes.describe('Of the answer, decompressed.'),
  digest,
});
export type ViaCall = z.output<typeof viaCall>;

/** A message that a platform's broker pushed. */
export const viaMessage = z.object({
  topic: z.string().max(MAX_VIA_ADDRESS),
  qos: z.number().int().min(0).max(2).optional(),
  at: timestamp.describe('When it came, by our clock.'),
  bytes,
  digest,
  again: z.boolean().optional().describe('The broker had sent it before.'),
});
export type ViaMessage = z.output<typeof viaMessage>;

/** What an event came from. Absent members are not known. */
export const via = z.object({
  adapter: z.string().max(120).optional().describe('Name, version and digest of the build that mapped it.'),
  mapping: z.string().max(64).optional().describe('Digest of the mapping alone: the same code gives the same events.'),
  calls: z.array(viaCall).max(MAX_VIA).optional().describe('Answers that the event was made from, newest last.'),
  messages: z.array(viaMessage).max(MAX_VIA).optional(),
  more: z.number().int().positive().optional().describe('How many more calls or messages there were.'),
});
export type Via = z.output<typeof via>;

/**
 * Told beside the data and never a reason to refuse it: what does not fit is passed over, so that a point is not parked
 * for what is said of its way.
 */
export const viaOfEvent = via
  .optional()
  .catch(undefined)
  .describe('What the event came from: requests to the platform, or messages of it, for its lineage.');
