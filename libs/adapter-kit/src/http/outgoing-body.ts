import { Readable } from 'node:stream';
import { InvalidRequestError } from '@tributary/contracts';
import type { VendorRequest } from '../connection-kit.ts';

/** A body that is passed on may take long; without any end a platform that stops reading would hold it for ever. */
export const PASSED_BODY_TIMEOUT_MS = 900_000;

/** Throws `InvalidRequestError` for more than one body. */
export function contentHeaders({ operation, json, form, body }: VendorRequest): Record<string, string> {
  if ([json, form, body].filter((given) => given !== undefined).length > 1) {
    throw new InvalidRequestError(`${operation}: a request has one body`);
  }
  if (json !== undefined) return { 'content-type': 'application/json' };
  if (form) return { 'content-type': 'application/x-www-form-urlencoded' };
  if (!body) return {};
  const length: Record<string, string> =
    body.sizeBytes === undefined ? {} : { 'content-length': String(body.sizeBytes) };
  return { 'content-type': body.mediaType, ...length };
}

export function bodyOf({ json, form, body }: VendorRequest): string | Readable | null {
  if (json !== undefined) return JSON.stringify(json);
  if (form) return new URLSearchParams(form).toString();
  return body ? Readable.from(body.bytes, { objectMode: false }) : null;
}
