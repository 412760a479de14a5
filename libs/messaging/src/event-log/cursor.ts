import { CursorInvalid } from '../errors.ts';

/** After the event at `offset`; `check` tells that event from another one that a new log has at the same offset. */
export interface LogPosition {
  offset: number;
  check: string;
}

const FORM = /^1\.(\d{1,16})\.([0-9a-zA-Z-]{1,8})$/;
const START = '1.start';
const CHECK_LENGTH = 8;

/** What of a message id goes into a cursor; the end of a UUIDv7 is its random part. */
export const checkOf = (messageId: string | undefined): string =>
  messageId?.replaceAll(/[^0-9a-zA-Z-]/g, '').slice(-CHECK_LENGTH) || '-';

/** Opaque text for a position; undefined is the beginning of the log. */
export function encodeCursor(position: LogPosition | undefined): string {
  const text = position ? `1.${position.offset}.${position.check}` : START;
  return Buffer.from(text).toString('base64url');
}

/** The beginning of the log: after it comes the oldest event that is kept. */
export const FIRST_CURSOR = encodeCursor(undefined);

/** Undefined is the beginning of the log. Throws `CursorInvalid` for text that `encodeCursor` never gave. */
export function decodeCursor(cursor: string): LogPosition | undefined {
  const text = Buffer.from(cursor, 'base64url').toString();
  // Decoding forgives much; only the one spelling that we gave is ours.
  if (Buffer.from(text).toString('base64url') !== cursor) throw new CursorInvalid('not a cursor of the event log');
  if (text === START) return undefined;
  const match = FORM.exec(text);
  const offset = Number(match?.[1]);
  const check = match?.[2];
  if (check === undefined || !Number.isSafeInteger(offset)) throw new CursorInvalid('not a cursor of the event log');
  return { offset, check };
}
