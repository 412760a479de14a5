import type { CredentialVault, VaultOwner } from '../connections/credential-vault.ts';
import type { Database } from '../database.ts';

const CHUNK = 500;

/** For whom a message is sealed that holds a secret: it opens for this row and nowhere else. */
export const parkedMessageOwner = (digest: Uint8Array): VaultOwner => ({
  workspace: 'parked',
  connectionId: Buffer.from(digest).toString('hex'),
});

/** For whom an item is sealed that an adapter set aside: not in place of the connection's credentials, nor they of it. */
export const parkedItemOwner = ({ workspace, connectionId }: VaultOwner): VaultOwner => ({
  workspace,
  connectionId: `${connectionId}/item`,
});

interface SealedRow {
  id: string;
  kind: string;
  workspace: string | null;
  connectionId: string | null;
  digest: Buffer;
  sealed: string;
}

const ownerOf = ({ kind, workspace, connectionId, digest }: SealedRow): VaultOwner =>
  kind === 'item'
    ? parkedItemOwner({ workspace: workspace ?? '', connectionId: connectionId ?? '' })
    : parkedMessageOwner(digest);

/** Seals what is parked with the first key; answers how many were sealed with another. */
export async function resealParked(db: Pick<Database, 'pool'>, vault: CredentialVault): Promise<number> {
  let resealed = 0;
  for (let after = ''; ; ) {
    const { rows } = await db.pool.query<SealedRow>(
      `select id, kind, workspace_id as workspace, connection_id as "connectionId", digest, sealed from parked_message
       where sealed is not null and id > $1 order by id limit ${CHUNK}`,
      [after],
    );
    for (const row of rows.filter(({ sealed }) => vault.isStale(sealed))) {
      const { rowCount } = await db.pool.query('update parked_message set sealed = $3 where id = $1 and sealed = $2', [
        row.id,
        row.sealed,
        vault.rotate(row.sealed, ownerOf(row)),
      ]);
      resealed += rowCount ?? 0;
    }
    const last = rows.at(-1);
    if (!last || rows.length < CHUNK) return resealed;
    after = last.id;
  }
}
