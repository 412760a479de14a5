import type { StoredMeta } from '@tributary/contracts';
import type { FencedDatabase } from '@tributary/database';
import { Answer } from '../http/answer.ts';
import { type ListDefinition, type ListRequest, listStatement } from './list-query.ts';
import { nextLink } from './next-link.ts';
import type { Parameters } from './sql.ts';

export interface ListPage<T> {
  items: T[];
  page: { nextCursor?: string; total?: number };
}

export interface ListReading<R extends Record<string, unknown>, T> {
  definition: ListDefinition;
  request: ListRequest;
  /** What always holds, the workspace first of all. */
  conditions(parameters: Parameters): string[];
  present(row: R): T;
}

/** Reads one page, and the total where it was asked for. */
export async function readList<R extends Record<string, unknown>, T>(
  db: FencedDatabase,
  reading: ListReading<R, T>,
): Promise<ListPage<T>> {
  const statement = listStatement(reading.definition, reading.request, reading.conditions);
  const [result, counted] = await Promise.all([
    db.pool.query<R>(statement.text, statement.values),
    statement.count ? db.pool.query<{ total: number }>(statement.count.text, statement.count.values) : undefined,
  ]);
  const { rows, nextCursor } = statement.page(result.rows);
  const total = counted?.rows[0]?.total;
  return {
    items: rows.map((row) => reading.present(row)),
    page: { ...(nextCursor === undefined ? {} : { nextCursor }), ...(total === undefined ? {} : { total }) },
  };
}

/** A page with its `Link: rel="next"`. `url` is the request's own. */
export function pageAnswer(page: ListPage<unknown> & { meta?: StoredMeta }, url: string): Answer {
  const { nextCursor } = page.page;
  if (nextCursor === undefined) return new Answer(page);
  return new Answer(page, { headers: { link: nextLink(url, nextCursor) } });
}
