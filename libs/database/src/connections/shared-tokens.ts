import type { Database } from '../database.ts';
import { CREDENTIALS_MARK } from './connections.ts';
import { type CredentialVault, VaultError } from './credential-vault.ts';

/** Whose token. A token that was got with other credentials than those of `credentialsMark` is none. */
export interface TokenKey {
  workspace: string;
  connectionId: string;
  /** Tells several of one connection apart. */
  name: string;
  credentialsMark: string;
}

export interface TokenToKeep {
  value: string;
  /** How long it is good from now on, in milliseconds; absent for one without end. */
  lifeMs?: number;
  /** What the next renewal needs. */
  carry?: Record<string, string>;
}

export interface KeptToken extends TokenToKeep {
  /** Grows with every renewal. */
  version: number;
  /** What is left of its life, by the database's clock; negative when it is over. */
  leftMs?: number;
}

export type TokenClaim =
  | { state: 'mine'; kept: KeptToken | undefined; version: number }
  /** Somebody else renews. */
  | { state: 'busy' }
  /** The connection was removed, or has other credentials by now. */
  | { state: 'gone' };

interface Row {
  name: string;
  sealed: string | null;
  version: number;
  leftMs: number | null;
}

const LEFT_MS = '(extract(epoch from t.expires_at - now()) * 1000)::float8 as "leftMs"';
const LATER = (parameter: string) => `now() + ${parameter}::float8 * interval '1 millisecond'`;

/**
 * Tokens that every replica of an adapter uses, and what renews them, sealed. Renewing takes a claim, which ends by
 * itself unless it is prolonged; time is the database's alone, so clocks of replicas do not matter.
 */
export class SharedTokens {
  readonly #db: Pick<Database, 'pool'>;
  readonly #vault: CredentialVault;

  constructor(db: Pick<Database, 'pool'>, vault: CredentialVault) {
    this.#db = db;
    this.#vault = vault;
  }

  async read(key: TokenKey): Promise<KeptToken | undefined> {
    const { rows } = await this.#db.pool.query<Row>(
      `select t.name, t.sealed, t.version, ${LEFT_MS} from shared_token t
       where t.connection_id = $1 and t.name = $2 and t.credentials_mark = $3`,
      [key.connectionId, key.name, key.credentialsMark],
    );
    return this.#open(key, rows[0]);
  }

  /** Leave to renew for `ttlMs`; `by` is new for each claim. */
  async claim(key: TokenKey, by: string, ttlMs: number): Promise<TokenClaim> {
    const { rows } = await this.#db.pool.query<Row>(
      `insert into shared_token as t
         (connection_id, name, credentials_mark, version, claimed_by, claimed_until, updated_at)
       select c.id, $2, $3, 0, $4, ${LATER('$5')}, now() from connection c
       where c.id = $1 and c.removed_at is null and ${CREDENTIALS_MARK} = $3
       on conflict (connection_id, name) do update set
         sealed = case when t.credentials_mark = excluded.credentials_mark then t.sealed end,
         expires_at = case when t.credentials_mark = excluded.credentials_mark then t.expires_at end,
         credentials_mark = excluded.credentials_mark, claimed_by = excluded.claimed_by,
         claimed_until = excluded.claimed_until, updated_at = now()
       where t.claimed_by is null or t.claimed_until < now()
       returning t.name, t.sealed, t.version, ${LEFT_MS}`,
      [key.connectionId, key.name, key.credentialsMark, by, ttlMs],
    );
    const row = rows[0];
    if (row) return { state: 'mine', kept: this.#open(key, row), version: row.version };
    return { state: (await this.#isCurrent(key)) ? 'busy' : 'gone' };
  }

  /** False when the claim was lost. */
  async prolong(key: TokenKey, by: string, ttlMs: number): Promise<boolean> {
    return this.#change(key, by, `claimed_until = ${LATER('$4')}`, [ttlMs]);
  }

  /** Ends the claim without a change. */
  async release(key: TokenKey, by: string): Promise<void> {
    await this.#change(key, by, 'claimed_by = null, claimed_until = null', []);
  }

  /**
   * Ends the claim with a new token, or with none: what there was must not be used again. False when the claim was lost;
   * then nothing changed.
   */
  async save(key: TokenKey, by: string, token: TokenToKeep | undefined): Promise<boolean> {
    const sealed = token && this.#vault.seal({ token: JSON.stringify(token) }, ownerOf(key));
    return this.#change(
      key,
      by,
      `claimed_by = null, claimed_until = null, version = version + 1, sealed = $4, expires_at = ${LATER('$5')}`,
      [sealed ?? null, token?.lifeMs ?? null],
    );
  }

  /** Removes it; of all who ask one gets it. */
  async take(key: TokenKey): Promise<KeptToken | undefined> {
    const { rows } = await this.#db.pool.query<Row & { mark: string }>(
      `delete from shared_token t where t.connection_id = $1 and t.name = $2
       returning t.name, t.sealed, t.version, t.credentials_mark as mark, ${LEFT_MS}`,
      [key.connectionId, key.name],
    );
    return rows[0]?.mark === key.credentialsMark ? this.#open(key, rows[0]) : undefined;
  }

  /** Everything secret in the tokens of a connection, whatever their names. */
  async valuesOf({ workspace, connectionId }: { workspace: string; connectionId: string }): Promise<string[]> {
    const { rows } = await this.#db.pool.query<Row>(
      `select t.name, t.sealed, t.version, ${LEFT_MS} from shared_token t where t.connection_id = $1`,
      [connectionId],
    );
    return rows.flatMap((row) => {
      const kept = this.#open({ workspace, connectionId, name: row.name, credentialsMark: '' }, row);
      return kept ? [kept.value, ...Object.values(kept.carry ?? {})] : [];
    });
  }

  /** Seals all with the first key; answers how many were sealed with another. */
  async rotate(): Promise<number> {
    const { rows } = await this.#db.pool.query<{ id: string; name: string; workspace: string; sealed: string }>(
      `select t.connection_id as id, t.name, t.sealed, c.workspace_id as workspace
       from shared_token t join connection c on c.id = t.connection_id where t.sealed is not null`,
    );
    let rotated = 0;
    for (const { id, name, workspace, sealed } of rows.filter((row) => this.#vault.isStale(row.sealed))) {
      const { rowCount } = await this.#db.pool.query(
        'update shared_token set sealed = $4 where connection_id = $1 and name = $2 and sealed = $3',
        [id, name, sealed, this.#vault.rotate(sealed, ownerOf({ workspace, connectionId: id, name }))],
      );
      rotated += rowCount ?? 0;
    }
    return rotated;
  }

  async #change(key: TokenKey, by: string, change: string, values: unknown[]): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      `update shared_token set ${change}, updated_at = now()
       where connection_id = $1 and name = $2 and claimed_by = $3`,
      [key.connectionId, key.name, by, ...values],
    );
    return rowCount === 1;
  }

  async #isCurrent(key: TokenKey): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      `select from connection c where c.id = $1 and c.removed_at is null and ${CREDENTIALS_MARK} = $2`,
      [key.connectionId, key.credentialsMark],
    );
    return rowCount === 1;
  }

  /** One that cannot be opened, for example because its key was taken away, is none. */
  #open(key: TokenKey, row: Row | undefined): KeptToken | undefined {
    if (!row?.sealed) return undefined;
    try {
      const { token = '' } = this.#vault.open(row.sealed, ownerOf(key));
      const { version, leftMs } = row;
      return { ...(JSON.parse(token) as TokenToKeep), version, ...(leftMs === null ? {} : { leftMs }) };
    } catch (error) {
      if (error instanceof VaultError) return undefined;
      throw error;
    }
  }
}

/** Sealed for this very token: it opens nowhere in place of credentials, nor they in place of it. */
const ownerOf = ({ workspace, connectionId, name }: Omit<TokenKey, 'credentialsMark'>) => ({
  workspace,
  connectionId: `${connectionId}/token/${name}`,
});
