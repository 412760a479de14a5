import { hash } from 'node:crypto';
import { scopes } from '@tributary/contracts';
import { AuditLog, type Database, inTransaction, type Queryable } from '@tributary/database';

const TOKEN = /^trb_([a-z2-7]{26})_[a-z2-7]{52}$/;

/** Makes the workspace unless it is there. */
export async function makeWorkspace(runner: Queryable, workspace: string): Promise<void> {
  await runner.query('insert into workspace (id, name) values ($1, $1) on conflict (id) do nothing', [workspace]);
}

/** Is it a key that `create-key` could have made? */
export const isKeyToken = (text: string): boolean => TOKEN.test(text);

/**
 * Enters a key that was made elsewhere, with all scopes. Entering it again changes nothing: a revoked one stays revoked.
 * Throws `RangeError` for text that is no key.
 */
export async function enterKey(db: Pick<Database, 'pool'>, workspace: string, token: string): Promise<string> {
  const name = TOKEN.exec(token)?.[1];
  if (!name) throw new RangeError('expected a key such as trb_…, as create-key makes them');
  const id = `key_${name}`;
  await inTransaction(db.pool, async (tx) => {
    await makeWorkspace(tx, workspace);
    const { rowCount } = await tx.query(
      `insert into api_key (id, workspace_id, name, secret_hash, scopes) values ($1, $2, 'bootstrap', $3, $4) on conflict (id) do nothing`,
      [id, workspace, hash('sha256', token, 'buffer'), [...scopes]],
    );
    const entry = { workspace, actor: 'bootstrap', action: 'api-key.created', target: id };
    if (rowCount) await new AuditLog(db).record({ ...entry, details: { scopes: [...scopes] } }, tx);
  });
  return id;
}
