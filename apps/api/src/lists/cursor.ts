import { hash } from 'node:crypto';
import { badRequest } from '../http/problem-error.ts';
import type { KeyType } from './sql.ts';

const VERSION = 1;
const FORMS: Record<KeyType, RegExp> = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Postgres text cannot hold U+0000
  text: /^[^\u0000]{0,5000}$/s,
  bigint: /^-?\d{1,18}$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  integer: /^-?\d{1,9}$/,
  // Microseconds since 1970: exact, and free of time zones.
  timestamptz: /^-?\d{1,17}$/,
};

export type Keys = (string | null)[];

/** What a cursor belongs to: the same list with the same filter and order, in the same workspace. */
export const bindingOf = (...parts: unknown[]): string =>
  hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 16);

/** Opaque text; holds the sort keys of the last item and what the list was asked for. */
export const writeCursor = (binding: string, keys: Keys): string =>
  Buffer.from(JSON.stringify([VERSION, binding, keys])).toString('base64url');

/**
 * The keys of a cursor. Throws 400 for anything that `writeCursor` did not make for this binding: a cursor of another
 * filter, order, list or workspace is as wrong as garbage.
 */
export function readCursor(cursor: string, binding: string, types: readonly KeyType[]): Keys {
  const parsed = decode(cursor);
  if (!Array.isArray(parsed)) throw invalid('This is no cursor of this API.');
  const [version, boundTo, keys] = parsed as [unknown, unknown, unknown];
  if (version !== VERSION || !Array.isArray(keys) || keys.length !== types.length)
    throw invalid('This is no cursor of this list.');
  if (boundTo !== binding)
    throw invalid('The cursor belongs to another filter, order or list; begin again without it.');
  return keys.map((key, i) => {
    const form = FORMS[types[i] ?? 'text'];
    if (key === null || (typeof key === 'string' && form.test(key))) return key;
    throw invalid('This is no cursor of this list.');
  });
}

function decode(cursor: string): unknown {
  if (!/^[A-Za-z0-9_-]{1,8000}$/.test(cursor)) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Not JSON: not ours.
    return undefined;
  }
}

const invalid = (detail: string) => badRequest([{ pointer: '/query/cursor', detail }]);
