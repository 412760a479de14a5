import { createHash } from 'node:crypto';
import type { Json } from '@tributary/contracts';

/** JSON with sorted keys: equal content gives equal text. */
export function canonical(value: Json | undefined): string {
  if (value === undefined) return '';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(',')}}`;
}

/**
 * 24 characters of base64url: the same for the same content, in whatever order its members come. The etag of a record
 * whose platform gives none.
 */
export const digest = (value: Json): string =>
  createHash('sha256').update(canonical(value)).digest('base64url').slice(0, 24);
