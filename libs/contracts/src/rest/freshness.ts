import { z } from 'zod';
import { link, silenceCause } from '../freshness.ts';
import { connectionId, deviceIdSchema, nativeId, platformId, signalName } from '../words.ts';
import { freshMembers, pageOf } from './resources.ts';

const instant = z.iso.datetime();
const durationMs = z.number().int().positive();

/** A time in which nothing came of a device although something was expected. */
export const silenceResource = z.object({
  deviceId: deviceIdSchema,
  nativeId,
  name: z.string(),
  connectionId,
  platform: platformId,
  since: instant.describe('When something last came of it.'),
  noticedAt: instant.describe('When it was said to be stale.'),
  until: instant.optional().describe('When something came again; absent while it is silent.'),
  expectedEveryMs: durationMs,
  staleAfterMs: durationMs,
  cause: silenceCause,
});
export type SilenceResource = z.output<typeof silenceResource>;

export const deviceFreshness = z.object({
  deviceId: deviceIdSchema,
  ...freshMembers,
  expectedEveryMs: durationMs.optional().describe('Of the fastest series that is alive; absent while it is not known.'),
  cadenceFrom: z
    .enum(['declared', 'learned', 'setting'])
    .optional()
    .describe('Who says how long it may be silent: the platform, its own points, or a setting of the connection.'),
  since: instant.optional().describe('While it is stale: when something last came of it.'),
  cause: silenceCause.optional().describe('While it is stale.'),
  series: z.array(
    z.object({
      id: z.string(),
      signal: signalName,
      ...freshMembers,
      expectedEveryMs: durationMs.optional(),
      samples: z.number().int().nonnegative().optional().describe('Intervals that the cadence was learned from.'),
    }),
  ),
  silences: z.array(silenceResource).describe('The last ones, newest first.'),
});
export type DeviceFreshness = z.output<typeof deviceFreshness>;

export const freshnessAnswer = pageOf(silenceResource).extend({
  counts: z.partialRecord(link, z.number().int().positive()).describe('Silent devices by the link that is broken.'),
  watchedAt: instant.optional().describe('When the watch last went its round; far back: nobody watches.'),
});
