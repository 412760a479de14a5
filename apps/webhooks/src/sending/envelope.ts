import type { CredentialVault, Turn } from '@tributary/database';
import { signatureHeaders, type WebhookSecrets } from './signature.ts';

const USER_AGENT = 'Tributary-Webhooks/1';

/** How a subscription's deliveries are signed and addressed. */
export interface Envelope {
  headersOf(message: { id: string; atMs: number; body: string }, mediaType: string): Record<string, string>;
  /** Everything that an answer must not show. */
  readonly secrets: readonly string[];
}

export type Addressee = Pick<Turn, 'workspace' | 'subscriptionId' | 'headers' | 'secrets' | 'bothSecrets'>;

/** Throws `VaultError` where the secrets cannot be opened. */
export function envelopeOf(addressee: Addressee, vault: CredentialVault): Envelope {
  const owner = { workspace: addressee.workspace, connectionId: addressee.subscriptionId };
  const { current, previous } = vault.open(addressee.secrets, owner) as unknown as WebhookSecrets;
  const signing = previous !== undefined && addressee.bothSecrets ? [current, previous] : [current];
  const own = addressee.headers === null ? {} : vault.open(addressee.headers, owner);
  return {
    headersOf: (message, mediaType) => ({
      ...own,
      'content-type': mediaType,
      'user-agent': USER_AGENT,
      ...signatureHeaders(message, signing),
    }),
    secrets: [...signing, ...Object.values(own)],
  };
}
