import { z } from 'zod';
import { deviceIdSchema, jsonObject, nativeId, timestamp } from './words.ts';

/**
 * What a point passes on its way to us, from the platform on; `device` is what is left when everything else is well.
 * `adapter`: nobody looks after the connection, so that nobody knows what lies before.
 */
export const links = [
  'credential',
  'budget',
  'vendor',
  'network',
  'mapping',
  'adapter',
  'broker',
  'database',
  'device',
] as const;
export const link = z
  .enum(links)
  .describe(
    'The first link of the chain from the platform to us for which there is evidence that it is broken. `credential`: the platform refuses us. `budget`: we are out of calls. `vendor`: the platform answers with failures, with garbage, or not in time. `network`: it is not reached. `mapping`: what it gives does not fit what we know. `adapter`: no adapter looks after the connection. `broker`, `database`: ours is away. `device`: all of these are well, and nothing comes.',
  );
export type Link = z.output<typeof link>;

/** Something that was seen of one link. Monitoring may rely on `link`; `detail` is for people. */
export const linkEvidence = z.object({
  link,
  detail: z.string(),
  firstAt: timestamp.describe('When it began, as far as we know.'),
  lastAt: timestamp.describe('When it was last seen.'),
  times: z.number().int().positive(),
  data: jsonObject.optional().describe('Operation, status or code, without secrets.'),
});
export type LinkEvidence = z.output<typeof linkEvidence>;

export const silenceCause = z.object({
  link,
  detail: z.string(),
  evidence: z.array(linkEvidence).describe('Of the link that is named first, then of those behind it.'),
});
export type SilenceCause = z.output<typeof silenceCause>;

/** `data` of `device.stale` and `device.recovered`. */
export const silenceData = z.object({
  deviceId: deviceIdSchema,
  nativeId,
  since: timestamp.describe('When something last came of it.'),
  expectedEveryMs: z.number().int().positive().describe('How often something was expected.'),
  staleAfterMs: z.number().int().positive().describe('After this long without anything it counts as silent.'),
  cause: silenceCause.describe('Of `device.recovered`: what it was.'),
  until: timestamp.optional().describe('Only of `device.recovered`: when something came again.'),
});
export type SilenceData = z.output<typeof silenceData>;
