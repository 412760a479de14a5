import type { Database } from '../database.ts';
import { Connections } from './connections.ts';
import type { CredentialVault } from './credential-vault.ts';
import { SharedTokens } from './shared-tokens.ts';

/**
 * Seals all credentials of all workspaces, and the tokens that were got with them, with the first key; afterwards older keys may be taken out of the
 * configuration. May run while everything else does: what changes meanwhile is sealed with the first key anyway.
 */
export async function rotateCredentials(
  db: Pick<Database, 'pool'>,
  vault: CredentialVault,
): Promise<{ rotated: number }> {
  const connections = new Connections(db);
  const { rows } = await db.pool.query<{ id: string; workspace: string; sealed: string }>(
    'select id, workspace_id as workspace, credentials as sealed from connection order by id',
  );
  let rotated = 0;
  for (const { id, workspace, sealed } of rows.filter((row) => vault.isStale(row.sealed))) {
    if (await connections.reseal(id, sealed, vault.rotate(sealed, { workspace, connectionId: id }))) rotated++;
  }
  return { rotated: rotated + (await new SharedTokens(db, vault).rotate()) };
}
