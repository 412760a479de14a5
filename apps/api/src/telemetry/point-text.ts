import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { inThisContext } from '../http/this-context.ts';

export type PointRow = Record<string, unknown>;
export type TextType = 'application/x-ndjson' | 'text/csv';

/** Media types of points; the first where nothing is said. */
export const POINT_TYPES = ['application/json', 'application/x-ndjson', 'text/csv'] as const;

/**
 * The answer that streams pages of rows. It begins once the first page is there, so that what fails at once is told as
 * a problem; what fails later breaks the answer off.
 */
export async function textFile(
  pages: AsyncGenerator<PointRow[]>,
  type: TextType,
  columns: readonly string[],
): Promise<StreamableFile> {
  const stream = pointText(await begun(pages), type, columns);
  return new StreamableFile(stream, { type: `${type}; charset=utf-8`, disposition: 'inline' });
}

/** Lines of NDJSON, or of CSV with a header, a chunk for each page. Nothing is read ahead of the caller. */
export function pointText(pages: AsyncIterable<PointRow[]>, type: TextType, columns: readonly string[]): Readable {
  const lines = type === 'text/csv' ? csv(pages, columns) : ndjson(pages);
  return Readable.from(inThisContext(lines), { objectMode: false });
}

async function begun<T>(pages: AsyncGenerator<T>): Promise<AsyncIterable<T>> {
  const first = await pages.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* pages;
  })();
}

/** All rows of all pages, for an answer that is made in memory. */
export async function allRows<T>(pages: AsyncIterable<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

async function* ndjson(pages: AsyncIterable<PointRow[]>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** RFC 4180. */
async function* csv(pages: AsyncIterable<PointRow[]>, columns: readonly string[]): AsyncGenerator<string> {
  yield `${columns.map(cell).join(',')}\r\n`;
  for await (const page of pages)
    yield page.map((row) => `${columns.map((column) => cell(row[column])).join(',')}\r\n`).join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
