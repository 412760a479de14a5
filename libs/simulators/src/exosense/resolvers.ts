import { accountFields } from './account-fields.ts';
import { assetFields } from './asset-fields.ts';
import { assetMutations } from './asset-mutations.ts';
import { deviceFields } from './device-fields.ts';
import { reportFields } from './report-fields.ts';
import { guarded } from './resolver.ts';
import { FIELD_RIGHTS } from './rights.ts';
import type { Resolver, Resolvers } from './schema-dialect.ts';
import { statusFields } from './status-fields.ts';

const PARTS: readonly Resolvers[] = [
  assetFields,
  assetMutations,
  statusFields,
  accountFields,
  deviceFields,
  reportFields,
];

/** All fields that are more than a member of the same name, each behind the right it asks for. */
export function allResolvers(): Resolvers {
  const merged: Record<string, Record<string, Resolver>> = {};
  for (const part of PARTS) {
    for (const [type, fields] of Object.entries(part)) {
      const known = merged[type] ?? {};
      merged[type] = known;
      for (const [name, work] of Object.entries(fields)) {
        const right = FIELD_RIGHTS[`${type}.${name}`];
        known[name] = right ? guarded(right, work) : work;
      }
    }
  }
  return merged;
}
