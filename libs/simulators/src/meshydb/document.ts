import type { TrueValue } from '../kit/series-log.ts';
import { badRequest } from './vendor-error.ts';

/** JSON, `_id` first. */
export type Document = { [name: string]: TrueValue };

export interface StoredDocument extends Document {
  _id: string;
}

const DEEPEST = 100;

/**
 * What a caller sent, as it can be kept. Throws 400 for what is no object, and for a property at any depth that begins
 * with `$` or contains a point.
 */
export function checkedDocument(body: unknown): Document {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw badRequest('Mesh data must be an object.');
  checkProperties(body, 1);
  return body as Document;
}

function checkProperties(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEEPEST) throw badRequest('Mesh data is nested too deeply.');
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value) && (name.startsWith('$') || name.includes('.') || name.includes('\0')))
      throw badRequest("Mesh property cannot begin with '$' or contain '.'.");
    checkProperties(member, depth + 1);
  }
}
