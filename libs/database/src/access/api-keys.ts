import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { base32, type Scope } from '@tributary/contracts';
import { type Clock, newId } from '@tributary/runtime';
import { LRUCache } from 'lru-cache';
import type { Database } from '../database.ts';
import type { Queryable } from '../transaction.ts';

export interface NewApiKey {
  workspace: string;
  name: string;
  scopes: readonly Scope[];
  expiresAt?: Date | undefined;
}

/** A new secret for a key that stays what it is otherwise. */
export interface KeyRotation {
  workspace: string;
  id: string;
  /** How long the secret of now still works; 0 for no longer than `trustMs`. */
  overlapMs: number;
  /** When the key ends from now on; absent leaves it as it is. */
  expiresAt?: Date | undefined;
}

/** Whoever shows a good key. */
export interface KeyHolder {
  keyId: string;
  workspace: string;
  scopes: Scope[];
}

export interface ApiKeyOptions {
  clock: Clock;
  /** How long a good answer is believed without asking again, so how long a revoked key may still work; default 5 s. */
  trustMs?: number;
}

const TOKEN = /^trb_([a-z2-7]{26})_([a-z2-7]{52})$/;
const SECRET_BYTES = 32;
/** The time of last use is written at most this often. */
const TOUCH_MS = 60_000;

interface KeyRow {
  id: string;
  workspace: string;
  scopes: Scope[];
  secretHash: Buffer;
  previousHash: Buffer | null;
  previousUntil: Date | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

const FIND = `select id, workspace_id as workspace, scopes, secret_hash as "secretHash", previous_hash as "previousHash",
  previous_until as "previousUntil", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"
  from api_key where id = $1`;

/**
 * Keys of the API. A secret has 256 bits and is shown once; only its SHA-256 is kept. After a rotation a key has two
 * secrets for a while: the new one, and the one before it.
 */
export class ApiKeys {
  readonly #pool: Queryable;
  readonly #clock: Clock;
  readonly #trustMs: number;
  readonly #trusted = new LRUCache<string, { holder: KeyHolder; untilMs: number }>({ max: 10_000 });

  constructor(db: Pick<Database, 'pool'>, options: ApiKeyOptions) {
    this.#pool = db.pool;
    this.#clock = options.clock;
    this.#trustMs = options.trustMs ?? 5_000;
  }

  /** `token` is what the caller shows as `Authorization: Bearer`; it cannot be had again. */
  async create(draft: NewApiKey, runner: Queryable = this.#pool): Promise<{ id: string; token: string }> {
    const id = newId('key');
    const token = newToken(id);
    await runner.query(
      `insert into api_key (id, workspace_id, name, secret_hash, scopes, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        id,
        draft.workspace,
        draft.name,
        hashOf(token),
        [...new Set(draft.scopes)],
        new Date(this.#clock.now()),
        draft.expiresAt ?? null,
      ],
    );
    return { id, token };
  }

  /**
   * Gives the key a new secret. The secret it had works for the overlap, and not beyond the end that the key had; one from
   * before that ends now. Undefined where the workspace has no such key, or it is revoked or has expired.
   */
  async rotate(rotation: KeyRotation, runner: Queryable = this.#pool): Promise<{ token: string } | undefined> {
    const { id, workspace, overlapMs, expiresAt } = rotation;
    const token = newToken(id);
    const now = this.#clock.now();
    const { rowCount } = await runner.query(
      `update api_key set secret_hash = $3, rotated_at = $4, expires_at = coalesce($6, expires_at),
         previous_hash = case when $5 > $4 then secret_hash end,
         previous_until = case when $5 > $4 then least($5, expires_at) end
       where id = $1 and workspace_id = $2 and revoked_at is null and (expires_at is null or expires_at > $4)`,
      [id, workspace, hashOf(token), new Date(now), new Date(now + overlapMs), expiresAt ?? null],
    );
    this.#trusted.clear();
    return rowCount === 1 ? { token } : undefined;
  }

  /** Undefined for a token that is malformed, unknown, expired or revoked, or of a secret that was replaced. */
  async verify(token: string): Promise<KeyHolder | undefined> {
    const [, word] = TOKEN.exec(token) ?? [];
    if (!word) return undefined;
    const hash = hashOf(token);
    const cacheKey = hash.toString('base64');
    const trusted = this.#trusted.get(cacheKey);
    if (trusted && trusted.untilMs > this.#clock.monotonicMs()) return trusted.holder;
    const { rows } = await this.#pool.query<KeyRow>({ name: 'api-key', text: FIND, values: [`key_${word}`] });
    const nowMs = this.#clock.now();
    const untilMs = rows[0] ? endOf(rows[0], hash) : 0;
    if (!rows[0] || untilMs <= nowMs) return undefined;
    const { id: keyId, workspace, scopes, lastUsedAt } = rows[0];
    const holder = { keyId, workspace, scopes };
    const trustMs = Math.min(this.#trustMs, untilMs - nowMs);
    this.#trusted.set(cacheKey, { holder, untilMs: this.#clock.monotonicMs() + trustMs });
    if (!lastUsedAt || lastUsedAt.getTime() < nowMs - TOUCH_MS) await this.#touch(keyId, nowMs);
    return holder;
  }

  /** For good; believed copies in other processes last at most `trustMs`. False where the workspace has no such key. */
  async revoke(workspace: string, id: string, runner: Queryable = this.#pool): Promise<boolean> {
    const { rowCount } = await runner.query(
      'update api_key set revoked_at = coalesce(revoked_at, $3) where id = $1 and workspace_id = $2',
      [id, workspace, new Date(this.#clock.now())],
    );
    this.#trusted.clear();
    return rowCount === 1;
  }

  /** Forgets what was believed: a change of keys has been committed. */
  forget(): void {
    this.#trusted.clear();
  }

  async #touch(id: string, nowMs: number): Promise<void> {
    await this.#pool.query(
      'update api_key set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $3)',
      [id, new Date(nowMs), new Date(nowMs - TOUCH_MS)],
    );
  }
}

/** Until when the secret with this hash opens the key, in ms since 1970; 0 for a wrong one. */
function endOf(row: KeyRow, hash: Buffer): number {
  if (row.revokedAt) return 0;
  const end = row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  if (timingSafeEqual(row.secretHash, hash)) return end;
  if (!row.previousHash || !row.previousUntil || !timingSafeEqual(row.previousHash, hash)) return 0;
  return Math.min(end, row.previousUntil.getTime());
}

const newToken = (id: string): string => `trb_${id.slice('key_'.length)}_${base32(randomBytes(SECRET_BYTES))}`;

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
