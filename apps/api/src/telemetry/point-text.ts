import { Readable } from 'node:stream';

export type PointRow = Record<string, unknown>;
export type TextType = 'application/x-ndjson' | 'text/csv';

/** Lines of NDJSON, or of CSV with a header, a chunk for each page. Nothing is read ahead of the caller. */
export function pointText(pages: AsyncIterable<PointRow[]>, type: TextType, columns: readonly string[]): Readable {
  return Readable.from(type === 'text/csv' ? csv(pages, columns) : ndjson(pages), { objectMode: false });
}

async function* ndjson(pages: AsyncIterable<PointRow[]>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** RFC 4180. */
async function* csv(pages: AsyncIterable<PointRow[]>, columns: readonly string[]): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`;
  for await (const page of pages)
    yield page.map((row) => `${columns.map((column) => cell(row[column])).join(',')}\r\n`).join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
