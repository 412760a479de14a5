import { Inject, Injectable } from '@nestjs/common';
import type { apiKeyDraft, apiKeyResource, apiKeyRotation, Scope } from '@tributary/contracts';
import { inTransaction } from '@tributary/database';
import type { z } from 'zod';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound, ProblemError } from '../http/problem-error.ts';
import type { ListDefinition, ListRequest } from '../lists/list-query.ts';
import { type ListPage, readList } from '../lists/read-list.ts';
import { makeWorkspace } from './bootstrap-key.ts';

export type ApiKeyResource = z.output<typeof apiKeyResource>;

interface KeyRow extends Record<string, unknown> {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
  rotated_at: Date | null;
  previous_until: Date | null;
}

const keyList: ListDefinition = {
  name: 'api-keys',
  select:
    'k.id, k.name, k.scopes, k.created_at, k.expires_at, k.last_used_at, k.revoked_at, k.rotated_at, k.previous_until',
  from: 'api_key k',
  filter: {
    id: { type: 'id', sql: 'k.id' },
    name: { type: 'text', sql: 'k.name' },
    createdAt: { type: 'instant', sql: 'k.created_at' },
    expiresAt: { type: 'instant', sql: 'k.expires_at' },
    lastUsedAt: { type: 'instant', sql: 'k.last_used_at' },
    revokedAt: { type: 'instant', sql: 'k.revoked_at' },
    rotatedAt: { type: 'instant', sql: 'k.rotated_at' },
    previousValidUntil: { type: 'instant', sql: 'k.previous_until' },
  },
  sort: { name: { sql: 'k.name', type: 'text' }, createdAt: { sql: 'k.created_at', type: 'timestamptz' } },
  key: { sql: 'k.id', type: 'text' },
};

const presentKey = (row: KeyRow): ApiKeyResource => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  createdAt: row.created_at.toISOString(),
  ...(row.expires_at ? { expiresAt: row.expires_at.toISOString() } : {}),
  ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
  ...(row.revoked_at ? { revokedAt: row.revoked_at.toISOString() } : {}),
  ...(row.rotated_at ? { rotatedAt: row.rotated_at.toISOString() } : {}),
  ...(row.previous_until ? { previousValidUntil: row.previous_until.toISOString() } : {}),
});

interface KeyWithSecret {
  key: ApiKeyResource;
  /** The secret is in here, and nowhere else. */
  token: string;
}

/** Keys of a workspace. Every change stands in the audit log, written in one transaction. */
@Injectable()
export class ApiKeyStore {
  readonly #house: House;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  list(workspace: string, request: ListRequest): Promise<ListPage<ApiKeyResource>> {
    return readList<KeyRow, ApiKeyResource>(this.#house.db, {
      definition: keyList,
      request,
      conditions: (parameters) => [`k.workspace_id = ${parameters.add(workspace, 'text')}`],
      present: presentKey,
    });
  }

  /** Throws 404 for a key that is not there or is another workspace's. */
  async get(workspace: string, id: string): Promise<ApiKeyResource> {
    const { rows } = await this.#house.db.pool.query<KeyRow>(
      `select ${keyList.select} from ${keyList.from} where k.id = $1 and k.workspace_id = $2`,
      [id, workspace],
    );
    const row = rows[0];
    if (!row) throw notFound('API key');
    return presentKey(row);
  }

  /** Throws 403 for a scope that the caller has not. */
  async create(caller: CallerIdentity, draft: z.output<typeof apiKeyDraft>, traceId: string): Promise<KeyWithSecret> {
    demandScopes(caller, draft.scopes, 'make a key with');
    const { workspace } = caller;
    const expiresAt = draft.expiresAt === undefined ? undefined : new Date(draft.expiresAt);
    const { id, token } = await inTransaction(this.#house.db.pool, async (tx) => {
      await makeWorkspace(tx, workspace);
      const made = await this.#house.keys.create({ ...draft, workspace, expiresAt }, tx);
      const details = { name: draft.name, scopes: draft.scopes };
      await writeAudit(this.#house.audit, caller, { action: 'api-key.created', target: made.id, details, traceId }, tx);
      return made;
    });
    return { key: await this.get(workspace, id), token };
  }

  /**
   * Whoever is given the secret of a key has what it opens: throws 403 for a key with a scope that the caller has not,
   * 409 for one that is revoked or has expired.
   */
  async rotate(
    caller: CallerIdentity,
    id: string,
    asked: z.output<typeof apiKeyRotation>,
    traceId: string,
  ): Promise<KeyWithSecret> {
    const { workspace } = caller;
    const { scopes } = await this.get(workspace, id);
    demandScopes(caller, scopes, 'rotate a key with');
    const expiresAt = asked.expiresAt === undefined ? undefined : new Date(asked.expiresAt);
    const { token } = await inTransaction(this.#house.db.pool, async (tx) => {
      const rotated = await this.#house.keys.rotate({ workspace, id, overlapMs: asked.overlap, expiresAt }, tx);
      if (!rotated) throw new ProblemError('conflict', 'The key is revoked or has expired; make a new one.');
      const details = { overlapMs: asked.overlap, ...(asked.expiresAt ? { expiresAt: asked.expiresAt } : {}) };
      await writeAudit(this.#house.audit, caller, { action: 'api-key.rotated', target: id, details, traceId }, tx);
      return rotated;
    });
    this.#house.keys.forget();
    return { key: await this.get(workspace, id), token };
  }

  /** Revoking twice is the same as once. */
  async revoke(caller: CallerIdentity, id: string, traceId: string): Promise<void> {
    await inTransaction(this.#house.db.pool, async (tx) => {
      await this.#house.keys.revoke(caller.workspace, id, tx);
      await writeAudit(this.#house.audit, caller, { action: 'api-key.revoked', target: id, traceId }, tx);
    });
    this.#house.keys.forget();
  }
}

/** A key gives no more than it has. */
function demandScopes(caller: CallerIdentity, wanted: readonly Scope[], act: string): void {
  const lacking = wanted.filter((scope) => !caller.scopes.includes(scope));
  if (lacking.length > 0) {
    throw new ProblemError('forbidden', `Without the scope ${lacking.join(', ')} you cannot ${act} it.`);
  }
}
