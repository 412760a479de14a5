import { InvalidRequestError } from '@tributary/contracts';

/** A cursor is how many records have been passed: the platform has none of its own. */
export function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw new InvalidRequestError('the cursor is not one of this listing');
  return Number(cursor);
}

export const nextCursor = (offset: number, rows: number, limit: number): { nextCursor?: string } =>
  rows < limit ? {} : { nextCursor: String(offset + limit) };
