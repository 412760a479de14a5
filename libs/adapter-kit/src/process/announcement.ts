import type { Json, PlatformResource } from '@tributary/contracts';
import { z } from 'zod';
import type { AdapterDefinition } from '../contract.ts';
import { commonSettings } from './supervision/common-settings.ts';

type Schema = { [key: string]: Json };

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
    credentialsSchema: withMembers(schemaOf(credentials)),
    updatedAt: new Date(nowMs).toISOString(),
  };
}

/** Of what may be given, before defaults and transformations; what JSON Schema cannot say is left open. */
const schemaOf = (schema: z.ZodType): Schema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as unknown as Schema;

/** The adapter's own settings and those that every connection has, in each form that there is a choice of. */
function together(own: Schema, common: Schema): Schema {
  const [choice, forms] = formsOf(own);
  if (!choice) return { ...own, properties: { ...membersOf(own), ...membersOf(common) } };
  const rest = forms.map((form) => together(form, common));
  return { ...own, [choice]: rest, properties: membersOfAll(rest) };
}

/**
 * A choice of forms says besides which members there are in all, so that whoever only wants their names need not know
 * of choices. Those that the forms mean differently are left open here.
 */
function withMembers(schema: Schema): Schema {
  const [choice, forms] = formsOf(schema);
  if (!choice) return schema;
  const rest = forms.map(withMembers);
  return { type: 'object', ...schema, [choice]: rest, properties: membersOfAll(rest) };
}

function formsOf(schema: Schema): ['anyOf' | 'oneOf' | undefined, Schema[]] {
  for (const choice of ['anyOf', 'oneOf'] as const) {
    const forms = schema[choice];
    if (Array.isArray(forms)) return [choice, forms.filter(isSchema)];
  }
  return [undefined, []];
}

function membersOfAll(forms: readonly Schema[]): Schema {
  const all: Schema = {};
  for (const form of forms) {
    for (const [name, member] of Object.entries(membersOf(form))) {
      all[name] = name in all && JSON.stringify(all[name]) !== JSON.stringify(member) ? {} : member;
    }
  }
  return all;
}

const membersOf = ({ properties }: Schema): Schema => (isSchema(properties) ? properties : {});

const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
