import { hash } from 'node:crypto';
import { ProblemError } from './problem-error.ts';

/** Strong ETag of a version: anything that changes whenever the representation does. */
export const etagOf = (...version: (string | number)[]): string =>
  `"${hash('sha256', JSON.stringify(version), 'base64url').slice(0, 22)}"`;

/** Strong ETag of a representation that has no version of its own. */
export const etagOfBody = (body: unknown): string => etagOf(JSON.stringify(body));

const TAGS = /^\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*(?:,\s*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"\s*)*$/;

/** The entity tags of a header, with their quotes and marks of weakness. */
export function tagsOf(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}

/** Does `If-None-Match` name this version? Weak comparison (RFC 9110 section 13.1.2). */
export function matchesNone(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || tagsOf(header).some((tag) => tag.replace(/^W\//, '') === etag);
}

/** The `If-Match` of a request that must have one: 428 without, 400 where it is no entity tag. */
export function requireIfMatch(header: string | undefined): string {
  if (header === undefined) {
    throw new ProblemError('precondition-required', 'Read the resource and send its ETag as If-Match.');
  }
  if (header.trim() !== '*' && !TAGS.test(header)) {
    throw new ProblemError('invalid-request', 'If-Match is not a list of entity tags.', {
      errors: [{ pointer: '/header/if-match', detail: 'expected "…" as it stood in ETag' }],
    });
  }
  return header;
}

/** Compares strongly, as If-Match demands: a weak tag never matches. Throws 412. */
export function checkIfMatch(header: string | undefined, etag: string): void {
  const wanted = requireIfMatch(header);
  if (wanted.trim() === '*' || tagsOf(wanted).includes(etag)) return;
  throw new ProblemError('precondition-failed', 'The resource has changed since it was read.', { headers: { etag } });
}

/** The same for tags such as `"7-…"`, whose number alone is the version that requests change. */
export function checkIfMatchVersion(header: string | undefined, version: number, etag: string): void {
  const wanted = requireIfMatch(header);
  if (wanted.trim() === '*' || tagsOf(wanted).some((tag) => tag.startsWith(`"${version}-`))) return;
  throw new ProblemError('precondition-failed', 'The resource has changed since it was read.', { headers: { etag } });
}
