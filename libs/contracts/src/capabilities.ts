import { z } from 'zod';
import { jsonObject, platformId } from './words.ts';

/** What a platform may offer; absent means absent. */
export const capabilityNames = [
  'devices',
  'telemetry.poll',
  'telemetry.history',
  'telemetry.stream',
  'telemetry.write',
  'attributes.read',
  'attributes.write',
  'commands',
  'entities.read',
  'entities.write',
  'entities.relations',
  'files.list',
  'files.request',
  'files.content',
  'files.upload',
  'users',
  'login',
  'platform-events',
  'graphql',
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

/** A limit that the vendor documents, or the caution we take where it documents none. */
export const budgetLimit = z.object({
  name: z.string(),
  limit: z.number().positive(),
  per: z.string().describe('Length of the window, such as 10s or 1m.'),
  unit: z.string().default('requests'),
  documented: z.boolean().describe('False where the vendor states no limit and this one is ours.'),
});

export const platformResource = z.object({
  id: platformId,
  displayName: z.string(),
  capabilities: z.array(z.enum(capabilityNames)),
  budgets: z.array(budgetLimit),
  settingsSchema: jsonObject.describe("JSON Schema of a connection's settings."),
  credentialsSchema: jsonObject.describe("JSON Schema of a connection's credentials; they are never readable."),
  updatedAt: z.iso.datetime(),
});
export type PlatformResource = z.output<typeof platformResource>;
