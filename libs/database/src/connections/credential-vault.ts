import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { VaultKeys } from './vault-keys.ts';

/** To whom credentials belong; sealed into them, so that they open nowhere else. */
export interface VaultOwner {
  workspace: string;
  connectionId: string;
}

/** The sealed text is damaged, belongs to another connection, or its key is not configured. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
}

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Seals credentials with AES-256-GCM: `v1.<key id>.<base64url of iv, ciphertext, tag>`. */
export class CredentialVault {
  readonly #keys: Map<string, Buffer>;
  readonly #current: string;

  /** The first key seals, all open. Throws `RangeError` without a key. */
  constructor(keys: VaultKeys) {
    const [first] = keys;
    if (!first) throw new RangeError('a vault needs a key');
    this.#current = first.id;
    this.#keys = new Map(keys.map(({ id, key }) => [id, Buffer.from(key.reveal(), 'base64')]));
  }

  seal(plain: Record<string, string>, owner: VaultOwner): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#current), iv);
    cipher.setAAD(associatedData(this.#current, owner));
    const body = Buffer.concat([iv, cipher.update(JSON.stringify(plain), 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${this.#current}.${body.toString('base64url')}`;
  }

  /** Throws `VaultError`, which never tells anything of the content. */
  open(sealed: string, owner: VaultOwner): Record<string, string> {
    const [version, keyId = '', body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    if (version !== VERSION || bytes.length < IV_BYTES + TAG_BYTES) throw new VaultError('not sealed credentials');
    const decipher = createDecipheriv('aes-256-gcm', this.#key(keyId), bytes.subarray(0, IV_BYTES));
    decipher.setAAD(associatedData(keyId, owner));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as Record<string, string>;
    } catch (cause) {
      throw new VaultError('these credentials were sealed for another connection, or are damaged', { cause });
    }
  }

  /** Was it sealed with a key that is not the first any more? */
  isStale(sealed: string): boolean {
    return sealed.split('.')[1] !== this.#current;
  }

  /** The same credentials under the first key; unchanged if they are so already. */
  rotate(sealed: string, owner: VaultOwner): string {
    return this.isStale(sealed) ? this.seal(this.open(sealed, owner), owner) : sealed;
  }

  /**
   * Tells whether credentials changed, and nothing else: a keyed hash over the owner too, so that equal credentials of
   * two connections do not show, and guesses cannot be tried without the key. Differs after a rotation.
   */
  fingerprint(plain: Record<string, string>, owner: VaultOwner): string {
    const hash = createHmac('sha256', this.#key(this.#current)).update(`${owner.workspace}/${owner.connectionId}\n`);
    for (const name of Object.keys(plain).toSorted()) hash.update(JSON.stringify([name, plain[name]]));
    return hash.digest('base64url').slice(0, 16);
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new VaultError(`no key with the id "${id}" is configured`);
    return key;
  }
}

const associatedData = (keyId: string, owner: VaultOwner): Buffer =>
  Buffer.from(JSON.stringify([VERSION, keyId, owner.workspace, owner.connectionId]));
