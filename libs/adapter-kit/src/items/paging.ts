import { MalformedResponseError, UnavailableError } from '@tributary/contracts';

/** One page of a numbered listing, the first is 0. */
export interface PageAsked {
  page: number;
  limit: number;
}

export interface WirePage<T> {
  items: T[];
  /** Rows as they came, those set aside included. */
  rows: number;
  hasNext?: boolean;
  total?: number;
}

export interface PagingOptions {
  limit: number;
  /** Nothing may be missed: a total that changes, or that is not reached, says that rows shifted while we read. */
  whole: boolean;
}

/**
 * Walks the pages of a listing. We always page: one answer with everything is documented, and wrong for thousands.
 * Ends at a page that is not full, or when the platform says that there is no next; totals may be absent. Throws
 * `MalformedResponseError` when a page repeats the one before it, and for a `whole` listing `UnavailableError`, to be
 * tried again, when it changed while it was read.
 */
export async function* pagesOf<T>(
  { limit, whole }: PagingOptions,
  ask: (asked: PageAsked) => Promise<WirePage<T>>,
): AsyncGenerator<T[], void, undefined> {
  let seen = 0;
  let before: WirePage<T> | undefined;
  for (let page = 0; ; page++) {
    const answer = await ask({ page, limit });
    if (before) assertOther(answer, before);
    if (before && whole && answer.total !== before.total) throw changed();
    before = answer;
    seen += answer.rows;
    if (answer.items.length > 0) yield answer.items;
    if (more(answer, limit)) continue;
    if (whole && answer.total !== undefined && seen < answer.total) throw changed();
    return;
  }
}

// More rows than asked for: the platform does not page this listing and has sent everything.
const more = ({ rows, hasNext }: WirePage<unknown>, limit: number): boolean => rows > 0 && (hasNext ?? rows === limit);

const changed = () => new UnavailableError('the listing changed while it was read');

function assertOther<T>(answer: WirePage<T>, before: WirePage<T>): void {
  if (answer.items.length === 0 || JSON.stringify(answer.items) !== JSON.stringify(before.items)) return;
  throw new MalformedResponseError('a page of the listing repeats the page before it');
}
