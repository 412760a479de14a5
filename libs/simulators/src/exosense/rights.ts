import type { Right } from './accounts.ts';

/** What fields of the roots ask for; the others are everybody's. */
export const FIELD_RIGHTS: Readonly<Record<string, Right>> = {
  'Query.users': 'manage-users',
  'Query.roles': 'manage-users',
  'Mutation.deleteAsset': 'manage-assets',
  'Mutation.createAsset': 'manage-assets',
  'Mutation.updateAsset': 'manage-assets',
  'Mutation.controlSignal': 'control',
  'Mutation.deleteDevice': 'manage-devices',
  'Mutation.deleteGroup': 'manage-groups',
  'Mutation.deleteUser': 'manage-users',
  'Mutation.deleteRole': 'manage-users',
  'Mutation.inviteUser': 'manage-users',
  'Mutation.createReport': 'report',
};

/** For a mutation by the name that the instance's dialect gives it. */
export function rightFor(name: string, rename: Readonly<Record<string, string>>): Right | undefined {
  const renamed = Object.entries(rename).find(([path, value]) => path.startsWith('Mutation.') && value === name);
  return FIELD_RIGHTS[renamed?.[0] ?? `Mutation.${name}`];
}
