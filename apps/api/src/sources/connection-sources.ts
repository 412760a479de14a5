import { Inject, Injectable } from '@nestjs/common';
import { parseFilter, type StoredMeta } from '@tributary/contracts';
import type { CallerIdentity } from '../auth/caller.ts';
import { HOUSE, type House } from '../house.ts';
import { AnswerSources, mayMatch, type SourceRow, storedSource } from './stored-source.ts';

/** Read once for all requests of so long, so that the most frequent ones pay nothing for it. */
const FRESH_MS = 1_000;
const MAX_WORKSPACES = 1_000;

const ROWS = `select c.id, c.platform, c.paused, s.status, s.since, s.reason, l.leased_until,
    coalesce(l.leased_until >= now(), false) as owned
  from connection c left join connection_status s on s.connection_id = c.id left join connection_lease l on l.connection_id = c.id
  where c.workspace_id = $1 and c.removed_at is null order by c.id`;

interface Within {
  connectionIds?: readonly string[] | undefined;
  platforms?: readonly string[] | undefined;
  filter?: string | undefined;
}

/** How the connections are that answers from our own store draw on. */
@Injectable()
export class ConnectionSources {
  readonly #house: House;
  readonly #known = new Map<string, { atMs: number; sources: Promise<AnswerSources> }>();

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
  }

  /** Of a workspace, or of those connections named; a filter rules out those that none of its records can be of. */
  async of(workspace: string, { connectionIds, platforms, filter }: Within = {}): Promise<AnswerSources> {
    const all = await this.#all(workspace);
    if (!connectionIds && !platforms && filter === undefined) return all;
    const tree = filter === undefined ? undefined : parseFilter(filter);
    return all.among(
      (source) =>
        (connectionIds?.includes(source.connectionId) ?? true) &&
        (platforms?.includes(source.platform) ?? true) &&
        (!tree || mayMatch(tree, source)),
    );
  }

  /** What an answer says of its sources. Throws 503 where all are required and one is not well. */
  async drawn(
    { workspace }: Pick<CallerIdentity, 'workspace'>,
    { require, ...within }: Within & { require: 'any' | 'all' },
    items: readonly { connectionId: string }[],
  ): Promise<StoredMeta> {
    const sources = await this.of(workspace, within);
    sources.demand(require);
    return sources.meta(items.map(({ connectionId }) => connectionId));
  }

  #all(workspace: string): Promise<AnswerSources> {
    const now = this.#house.clock.monotonicMs();
    const known = this.#known.get(workspace);
    if (known && now - known.atMs < FRESH_MS) return known.sources;
    if (this.#known.size >= MAX_WORKSPACES) this.#known.clear();
    const sources = this.#read(workspace);
    this.#known.set(workspace, { atMs: now, sources });
    sources.catch(() => this.#known.delete(workspace));
    return sources;
  }

  async #read(workspace: string): Promise<AnswerSources> {
    const { rows } = await this.#house.db.pool.query<SourceRow>({
      name: 'sources-of-workspace',
      text: ROWS,
      values: [workspace],
    });
    const nowMs = this.#house.clock.now();
    return new AnswerSources(rows.map((row) => storedSource(row, nowMs)));
  }
}
