import type { Database } from '../database.ts';
import { resealParked } from '../operations/parked-seal.ts';
import { Subscriptions } from '../subscriptions/subscriptions.ts';
import { Connections } from './connections.ts';
import type { CredentialVault } from './credential-vault.ts';
import { SharedTokens } from './shared-tokens.ts';

/**
 * Seals all credentials of all workspaces, the tokens that were got with them, the secrets of subscriptions and what is
 * parked with secrets in it, with the first key; afterwards older keys may be taken out of the configuration. May run while everything else does: what changes meanwhile is sealed with the first key anyway.
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
  rotated += await new SharedTokens(db, vault).rotate();
  rotated += await resealParked(db, vault);
  return { rotated: rotated + (await new Subscriptions(db).rotate(vault)) };
}
