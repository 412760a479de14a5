import type { EntityRecord, EntityResource } from '@tributary/contracts';
import { checkIfMatch, requireIfMatch, tagsOf } from '../http/etag.ts';

/** A platform's own mark as an entity tag: any text becomes one, and can be had back from it. */
export const tagOf = (etag: string): string => `"${encodeURIComponent(etag.toWellFormed())}"`;

/** A record as it is answered. */
export const presentEntity = (record: EntityRecord): EntityResource => ({ ...record, etag: tagOf(record.etag) });

/** The platform's mark in an entity tag that `tagOf` made; undefined for any other. */
export function etagIn(tag: string): string | undefined {
  const [, text] = /^"([^"]*)"$/.exec(tag) ?? [];
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    // Not well encoded: not ours.
    return undefined;
  }
}

/**
 * The mark that the record must have for a change. Adapters take one: where the caller names several, or any, the record
 * is read. Throws 428 without If-Match, 412 where none of several fits.
 */
export async function wantedEtag(header: string | undefined, read: () => Promise<EntityRecord>): Promise<string> {
  const tags = tagsOf(requireIfMatch(header));
  const only = tags.length === 1 ? etagIn(tags[0] ?? '') : undefined;
  if (only !== undefined) return only;
  const { etag } = await read();
  checkIfMatch(header, tagOf(etag));
  return etag;
}
