import { Inject, Injectable } from '@nestjs/common';
import type { apiKeyDraft, apiKeyResource, Scope } from '@tributary/contracts';
import type { z } from 'zod';
import { writeAudit } from '../audit-log/audit-trail.ts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { notFound } from '../http/problem-error.ts';
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
}

const keyList: ListDefinition = {
  name: 'api-keys',
  select: 'k.id, k.name, k.scopes, k.created_at, k.expires_at, k.last_used_at, k.revoked_at',
  from: 'api_key k',
  filter: {
    id: { type: 'id', sql: 'k.id' },
    name: { type: 'text', sql: 'k.name' },
    createdAt: { type: 'instant', sql: 'k.created_at' },
    expiresAt: { type: 'instant', sql: 'k.expires_at' },
    lastUsedAt: { type: 'instant', sql: 'k.last_used_at' },
    revokedAt: { type: 'instant', sql: 'k.revoked_at' },
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
});

type Actor = Pick<CallerIdentity, 'workspace' | 'actor'>;

/** Keys of a workspace. */
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

  /** The secret is in `token`, and nowhere else. */
  async create(
    actor: Actor,
    draft: z.output<typeof apiKeyDraft>,
    traceId: string,
  ): Promise<{ key: ApiKeyResource; token: string }> {
    await makeWorkspace(this.#house.db, actor.workspace);
    const expiresAt = draft.expiresAt === undefined ? undefined : new Date(draft.expiresAt);
    const { key, token } = await this.#house.keys.create({
      workspace: actor.workspace,
      name: draft.name,
      scopes: draft.scopes,
      expiresAt,
    });
    const details = { name: draft.name, scopes: draft.scopes };
    await writeAudit(this.#house.audit, actor, { action: 'api-key.created', target: key.id, details, traceId });
    return { key: await this.get(actor.workspace, key.id), token };
  }

  /** Revoking twice is the same as once. */
  async revoke(actor: Actor, id: string, traceId: string): Promise<void> {
    await writeAudit(this.#house.audit, actor, { action: 'api-key.revoked', target: id, traceId });
    await this.#house.keys.revoke(actor.workspace, id);
  }
}
