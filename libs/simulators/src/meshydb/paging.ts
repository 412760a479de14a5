import type { FastifyRequest } from 'fastify';
import { badRequest } from './vendor-error.ts';

export interface PageQuery {
  page: number;
  pageSize: number;
}

const PAGE_SIZE = 25;
const MOST = 200;

/** The names of query parameters are read in any case. Throws 400 for one that is given twice. */
export function queryOf(request: FastifyRequest): Record<string, string | undefined> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.query as Record<string, unknown>)) {
    const key = name.toLowerCase();
    if (typeof value !== 'string' || key in query) throw badRequest(`${name} is given twice.`);
    query[key] = value;
  }
  return query;
}

/** Throws 400 for what is no whole number above 0. A page is never larger than 200. */
export const pageQuery = (query: Record<string, string | undefined>): PageQuery => ({
  page: wholeNumber('Page', query.page) ?? 1,
  pageSize: Math.min(wholeNumber('Page size', query.pagesize) ?? PAGE_SIZE, MOST),
});

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw badRequest(`${name} is invalid.`);
  return value;
}

/** A page of what is already in order. */
export function pageOf<T>(items: readonly T[], { page, pageSize }: PageQuery) {
  const results = items.slice((page - 1) * pageSize, page * pageSize);
  return { page, pageSize, results, totalRecords: items.length };
}
