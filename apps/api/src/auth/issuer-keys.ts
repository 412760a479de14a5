import type { Clock, Logger } from '@tributary/runtime';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

export interface IssuerKeysOptions {
  issuer: string;
  /** Without it the issuer's metadata says where the keys are. */
  jwksUrl?: string | undefined;
  clock: Clock;
  log: Logger;
}

/** Older keys are read anew while they are still used. */
const FRESH_MS = 600_000;
/** While the issuer is away its keys are used no longer than this. */
const KEPT_MS = 86_400_000;
/** A key that nobody knows makes the issuer be asked at most this often: anybody can name one. */
const UNKNOWN_KEY_MS = 30_000;
const RETRY_MS = 5_000;
const TIMEOUT_MS = 5_000;
const MOST_BYTES = 1_048_576;

const metadata = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(1_000) });

interface Known {
  find: JWTVerifyGetKey;
  atMs: number;
}

/** The keys of an issuer cannot be had. */
export class IssuerUnavailableError extends Error {
  override readonly name = 'IssuerUnavailableError';
}

/** Public keys of an issuer, by its metadata: kept, renewed behind the scenes, asked for again when one is not known. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #known: Known | undefined;
  #loading: Promise<Known> | undefined;
  #failed: { error: unknown; atMs: number } | undefined;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** For `jwtVerify`. Throws `IssuerUnavailableError` while there are no keys that may be used. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const known = await this.#usable();
    try {
      return await known.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#age(known) < UNKNOWN_KEY_MS) throw error;
      const { find } = await this.#load();
      return find(header, token);
    }
  };

  async #usable(): Promise<Known> {
    const known = this.#known;
    if (!known || this.#age(known) >= KEPT_MS) return this.#load();
    // What fails here is tried again by the next token, until the keys are too old.
    if (this.#age(known) >= FRESH_MS) this.#load().catch(() => undefined);
    return known;
  }

  #age({ atMs }: { atMs: number }): number {
    return this.#options.clock.monotonicMs() - atMs;
  }

  /** One at a time, and not at once after a failure. */
  #load(): Promise<Known> {
    if (this.#failed && this.#age(this.#failed) < RETRY_MS) return Promise.reject(this.#failed.error);
    this.#loading ??= this.#read().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #read(): Promise<Known> {
    try {
      const url = this.#options.jwksUrl ?? (await this.#discover());
      const keys = keySet.parse(await readJson(url)) as JSONWebKeySet;
      this.#known = { find: createLocalJWKSet(keys), atMs: this.#options.clock.monotonicMs() };
      if (this.#failed)
        this.#options.log.info({ issuer: this.#options.issuer }, 'the keys of the issuer are read again');
      this.#failed = undefined;
      return this.#known;
    } catch (cause) {
      if (!this.#failed) {
        const { issuer, log } = this.#options;
        log.warn(
          { err: cause, issuer },
          'the keys of the issuer cannot be read; those that are known are used for a day',
        );
      }
      const error = new IssuerUnavailableError('the keys of the token issuer cannot be read', { cause });
      this.#failed = { error, atMs: this.#options.clock.monotonicMs() };
      throw error;
    }
  }

  /** OpenID Connect Discovery 1.0, and RFC 8414 where that is not served. */
  async #discover(): Promise<string> {
    const { issuer } = this.#options;
    const { origin, pathname } = new URL(issuer);
    const path = pathname.replace(/\/$/, '');
    const openId = `${origin}${path}/.well-known/openid-configuration`;
    const oauth = `${origin}/.well-known/oauth-authorization-server${path}`;
    const found = metadata.parse(await readJson(openId).catch(() => readJson(oauth)));
    if (found.issuer !== issuer) throw new Error('the metadata is that of another issuer');
    if (new URL(found.jwks_uri).protocol !== 'https:' && issuer.startsWith('https:')) {
      throw new Error('the metadata names keys that anybody on the way could change');
    }
    return found.jwks_uri;
  }
}

async function readJson(url: string): Promise<unknown> {
  const answer = await fetch(url, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(`${new URL(url).pathname} answered ${answer.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
