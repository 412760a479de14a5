import { type CredentialVault, type ParkedMessage, parkedMessageOwner } from '@tributary/database';
import { redactBytes } from '@tributary/runtime';

type Vault = Pick<CredentialVault, 'seal' | 'open'>;

/** What is stored of a payload: what may be shown and, where that is not all, what came, sealed. */
export interface StoredPayload {
  payload: Buffer;
  sealed?: string;
}

/** `secrets` are the connection's own. */
export function storedPayload(
  came: Buffer,
  { digest, secrets, vault }: { digest: Uint8Array; secrets: readonly string[]; vault: Vault },
): StoredPayload {
  const { text, redacted } = redactBytes(came, secrets);
  if (!redacted) return { payload: came };
  return {
    payload: Buffer.from(text),
    sealed: vault.seal({ payload: came.toString('base64') }, parkedMessageOwner(digest)),
  };
}

/** The bytes as they came. Throws `VaultError` when the key they were sealed with is gone. */
export function payloadThatCame(row: Pick<ParkedMessage, 'payload' | 'sealed' | 'digest'>, vault: Vault): Buffer {
  if (row.sealed === null) return row.payload;
  return Buffer.from(vault.open(row.sealed, parkedMessageOwner(row.digest)).payload ?? '', 'base64');
}
