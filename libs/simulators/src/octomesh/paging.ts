import { validationError } from './vendor-error.ts';

export const LARGEST_PAGE = 1000;
const PREFIX = 'arrayconnection:';

export interface PageArguments {
  first?: number | null;
  after?: string | null;
}

/** Something that can be counted and cut out of: a list, or rows that are made when they are asked for. */
export interface Sliceable<T> {
  readonly length: number;
  slice(from: number, to: number): readonly T[];
}

export interface Connection<T> {
  items: readonly T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null; totalCount: number };
}

/** Cursors are positions: what is inserted before one moves the next page. */
export function pageOf<T>(all: Sliceable<T>, args: PageArguments): Connection<T> {
  const first = args.first ?? LARGEST_PAGE;
  if (first < 1 || first > LARGEST_PAGE) {
    throw validationError(`first must be between 1 and ${LARGEST_PAGE}`, { first });
  }
  const start = args.after === null || args.after === undefined ? 0 : positionAfter(args.after);
  const items = all.slice(start, start + first);
  const end = start + items.length;
  return {
    items,
    pageInfo: {
      hasNextPage: items.length > 0 && end < all.length,
      endCursor: items.length > 0 ? cursorOf(end - 1) : null,
      totalCount: all.length,
    },
  };
}

const cursorOf = (position: number): string => Buffer.from(`${PREFIX}${position}`).toString('base64');

function positionAfter(cursor: string): number {
  const text = Buffer.from(cursor, 'base64').toString('latin1');
  const position = /^arrayconnection:(\d{1,15})$/.exec(text)?.[1];
  if (position === undefined || cursorOf(Number(position)) !== cursor) {
    throw validationError('the cursor is not one of this server', { after: cursor });
  }
  return Number(position) + 1;
}
