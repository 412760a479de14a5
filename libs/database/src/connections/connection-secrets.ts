import { secretValuesOf } from '@tributary/runtime';
import type { Database } from '../database.ts';
import { type CredentialVault, VaultError, type VaultOwner } from './credential-vault.ts';
import { SharedTokens } from './shared-tokens.ts';

interface SealedRow {
  workspace: string;
  credentials: string;
}

/** What must not be shown of a connection: the values of its credentials, and the tokens that its replicas share. */
export class ConnectionSecrets {
  readonly #db: Pick<Database, 'pool'>;
  readonly #vault: CredentialVault;
  readonly #tokens: SharedTokens;

  constructor(db: Pick<Database, 'pool'>, vault: CredentialVault) {
    this.#db = db;
    this.#vault = vault;
    this.#tokens = new SharedTokens(db, vault);
  }

  /** Empty for a connection that is not there. What was sealed with a key that is gone is secret enough. */
  async of(connectionId: string | undefined): Promise<string[]> {
    if (connectionId === undefined) return [];
    const { rows } = await this.#db.pool.query<SealedRow>(
      'select workspace_id as workspace, credentials from connection where id = $1',
      [connectionId],
    );
    const [row] = rows;
    if (!row) return [];
    const owner = { workspace: row.workspace, connectionId };
    return [...this.#valuesIn(row.credentials, owner), ...(await this.#tokens.valuesOf(owner))];
  }

  #valuesIn(sealed: string, owner: VaultOwner): string[] {
    try {
      return secretValuesOf(this.#vault.open(sealed, owner));
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      return [];
    }
  }
}
