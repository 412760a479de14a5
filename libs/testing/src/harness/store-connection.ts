import { Connections, CredentialVault, type Database, vaultConfig } from '@tributary/database';
import { loadConfig, newId } from '@tributary/runtime';
import { z } from 'zod';

export interface ConnectionToStore {
  platform: string;
  name: string;
  settings: Record<string, unknown>;
  credentials: Record<string, string>;
}

const WORKSPACE = 'default';

/** The vault of services that were given these keys. */
export const vaultOf = (keys: string): CredentialVault =>
  new CredentialVault(loadConfig(z.object(vaultConfig), { TRIBUTARY_KEYS: keys }).TRIBUTARY_KEYS);

/** Stores a connection of the default workspace as the api would, for tests without one; returns its id. */
export async function storeConnection(
  database: Database,
  vault: CredentialVault,
  { platform, name, settings, credentials }: ConnectionToStore,
): Promise<string> {
  const id = newId('con');
  const owner = { workspace: WORKSPACE, connectionId: id };
  await new Connections(database).create({
    id,
    workspace: WORKSPACE,
    platform,
    name,
    settings: settings as never,
    sealed: vault.seal(credentials, owner),
    fingerprint: vault.fingerprint(credentials, owner),
  });
  return id;
}
