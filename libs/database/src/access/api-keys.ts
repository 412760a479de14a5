import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { base32, type Scope } from '@tributary/contracts';
import { type Clock, newId } from '@tributary/runtime';
import { LRUCache } from 'lru-cache';
import type { Database } from '../database.ts';

export interface ApiKey {
  id: string;
  workspace: string;
  name: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
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
  expiresAt: Date | null;
  revokedAt: Date | null;
}

const FIND = `select id, workspace_id as workspace, secret_hash as "secretHash", scopes, expires_at as "expiresAt",
  revoked_at as "revokedAt" from api_key where id = $1`;

/** Keys of the API. A secret has 256 bits and is shown once; only its SHA-256 is kept. */
export class ApiKeys {
  readonly #db: Pick<Database, 'pool' | 'prisma'>;
  readonly #clock: Clock;
  readonly #trustMs: number;
  readonly #trusted = new LRUCache<string, { holder: KeyHolder; untilMs: number }>({ max: 10_000 });

  constructor(db: Pick<Database, 'pool' | 'prisma'>, options: ApiKeyOptions) {
    this.#db = db;
    this.#clock = options.clock;
    this.#trustMs = options.trustMs ?? 5_000;
  }

  /** `token` is what the caller shows as `Authorization: Bearer`; it cannot be had again. */
  async create(draft: {
    workspace: string;
    name: string;
    scopes: readonly Scope[];
    expiresAt?: Date | undefined;
  }): Promise<{ key: ApiKey; token: string }> {
    const id = newId('key');
    const token = `trb_${id.slice('key_'.length)}_${base32(randomBytes(SECRET_BYTES))}`;
    const prisma = await this.#db.prisma();
    const row = await prisma.apiKey.create({
      data: {
        id,
        workspaceId: draft.workspace,
        name: draft.name,
        secretHash: hashOf(token),
        scopes: [...new Set(draft.scopes)],
        createdAt: new Date(this.#clock.now()),
        expiresAt: draft.expiresAt ?? null,
      },
    });
    return { key: fromRow(row), token };
  }

  /** Undefined for a token that is malformed, unknown, expired or revoked. */
  async verify(token: string): Promise<KeyHolder | undefined> {
    const [, word] = TOKEN.exec(token) ?? [];
    if (!word) return undefined;
    const hash = hashOf(token);
    const cacheKey = Buffer.from(hash).toString('base64');
    const trusted = this.#trusted.get(cacheKey);
    if (trusted && trusted.untilMs > this.#clock.monotonicMs()) return trusted.holder;
    // Asked with every request that is not believed yet: a plain statement, without Prisma.
    const { rows } = await this.#db.pool.query<KeyRow>({ name: 'api-key', text: FIND, values: [`key_${word}`] });
    const [row] = rows;
    if (!row || !timingSafeEqual(row.secretHash, hash)) return undefined;
    const nowMs = this.#clock.now();
    if (row.revokedAt || (row.expiresAt && row.expiresAt.getTime() <= nowMs)) return undefined;
    const holder = { keyId: row.id, workspace: row.workspace, scopes: row.scopes };
    const lifeMs = row.expiresAt ? row.expiresAt.getTime() - nowMs : Number.POSITIVE_INFINITY;
    this.#trusted.set(cacheKey, { holder, untilMs: this.#clock.monotonicMs() + Math.min(this.#trustMs, lifeMs) });
    await this.#touch(row.id, nowMs);
    return holder;
  }

  /** For good; believed copies in other processes last at most `trustMs`. False where the workspace has no such key. */
  async revoke(workspace: string, id: string): Promise<boolean> {
    const { rowCount } = await this.#db.pool.query(
      'update api_key set revoked_at = coalesce(revoked_at, $3) where id = $1 and workspace_id = $2',
      [id, workspace, new Date(this.#clock.now())],
    );
    this.#trusted.clear();
    return rowCount === 1;
  }

  async #touch(id: string, nowMs: number): Promise<void> {
    await this.#db.pool.query(
      'update api_key set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at < $3)',
      [id, new Date(nowMs), new Date(nowMs - TOUCH_MS)],
    );
  }
}

const hashOf = (token: string): Uint8Array<ArrayBuffer> => new Uint8Array(createHash('sha256').update(token).digest());

const fromRow = (row: {
  id: string;
  workspaceId: string;
  name: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}): ApiKey => ({
  id: row.id,
  workspace: row.workspaceId,
  name: row.name,
  scopes: row.scopes as Scope[],
  createdAt: row.createdAt,
  expiresAt: row.expiresAt,
  lastUsedAt: row.lastUsedAt,
  revokedAt: row.revokedAt,
});
