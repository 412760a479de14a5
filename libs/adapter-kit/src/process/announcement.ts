import type { Json, PlatformResource } from '@tributary/contracts';
import { z } from 'zod';
import type { AdapterDefinition } from '../contract.ts';
import { commonSettings } from './supervision/common-settings.ts';

type Schema = Record<string, Json>;

/** What an adapter says of itself: its manifest, and JSON Schemas of what a connection has to give. */
export function announcementOf(
  { manifest, settings, credentials }: AdapterDefinition,
  nowMs: number,
): PlatformResource {
  return {
    id: manifest.platform,
    displayName: manifest.displayName,
    capabilities: manifest.capabilities,
    budgets: Object.entries(manifest.budgets).map(([name, budget]) => ({ name, unit: 'requests', ...budget })),
    settingsSchema: together(schemaOf(settings), schemaOf(commonSettings(manifest))),
    credentialsSchema: schemaOf(credentials),
    updatedAt: new Date(nowMs).toISOString(),
  };
}

/** Of what may be given, before defaults and transformations; what JSON Schema cannot say is left open. */
const schemaOf = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as unknown as Schema;

/** The adapter's own settings and those that every connection has. */
const together = (own: Schema, common: Schema): Schema => ({
  ...own,
  properties: { ...membersOf(own), ...membersOf(common) },
});

const membersOf = ({ properties }: Schema): Schema =>
  typeof properties === 'object' && properties !== null && !Array.isArray(properties) ? properties : {};
