import type { Call, ConnectionKit } from '@tributary/adapter-kit';
import { isPlatformError, MalformedResponseError, type PlatformError } from '@tributary/contracts';
import type { FieldAnswer, OctomeshClient } from '../client.ts';
import { FIELDS_PER_DOCUMENT, type PageAsked, streamPages } from '../dialect/documents.ts';
import { isOfThisRequest } from '../errors.ts';
import { instant } from '../mapping.ts';
import type { UsedStream } from '../schema/streams-in-use.ts';
import { connectionPage, type StreamRow, streamRow } from '../wire.ts';

/** What is read of one stream: [fromMs, toMs], or [fromMs, toMs) where `open`; of one entity where `rtId` is given. */
export interface RowsAsked {
  stream: UsedStream;
  fromMs: number;
  toMs: number;
  open?: boolean;
  rtId?: string;
}

export interface RowsPage {
  asked: RowsAsked;
  rows: StreamRow[];
  /** No further page of this stream in its window. */
  last: boolean;
}

export interface RowsReader {
  client: OctomeshClient;
  kit: Pick<ConnectionKit, 'items'>;
  pageSize: number;
  /** A stream that cannot be read is set aside; the others go on. */
  onTrouble: (stream: UsedStream, error: PlatformError) => void;
  onWell: (stream: UsedStream) => void;
}

interface Open {
  asked: RowsAsked;
  after?: string;
}

/**
 * Rows of several streams, oldest first within each. Every request carries the next page of up to ten streams, in
 * turns, so none waits for another to end. Bounds are fixed and the order is ascending: positional cursors stay true,
 * and what is inserted meanwhile may repeat a row but hides none.
 */
export async function* readRows(
  reader: RowsReader,
  asked: readonly RowsAsked[],
  call: Call,
  onRequest: () => void = () => {},
): AsyncGenerator<RowsPage[], void, undefined> {
  let waiting: Open[] = asked.map((one) => ({ asked: one }));
  while (waiting.length > 0) {
    const turn = waiting.slice(0, FIELDS_PER_DOCUMENT);
    waiting = waiting.slice(FIELDS_PER_DOCUMENT);
    onRequest();
    const pages: RowsPage[] = [];
    for (const [index, answer] of (await ask(reader, turn, call)).entries()) {
      const open = turn[index];
      if (!open) continue;
      const read = pageOf(reader, open, answer);
      if (read) pages.push(read.page);
      if (read?.after !== undefined) waiting.push({ asked: open.asked, after: read.after });
    }
    yield pages;
  }
}

/** Where one stream spoils a whole request, each is asked for alone, and the one that fails alone is set aside. */
async function ask(reader: RowsReader, turn: readonly Open[], call: Call): Promise<FieldAnswer[]> {
  try {
    const document = streamPages(turn.map((open) => fieldOf(open, reader.pageSize)));
    return await reader.client.fields('streamData', document, turn.length, { id: 'OCTO-10', ...call });
  } catch (error) {
    if (!isPlatformError(error) || !isOfThisRequest(error)) throw error;
    const [only] = turn;
    if (turn.length === 1 && only) return [{ failure: error }];
    const answers: FieldAnswer[] = [];
    for (const open of turn) answers.push(...(await ask(reader, [open], call)));
    return answers;
  }
}

function fieldOf({ asked, after }: Open, first: number) {
  const { stream, fromMs, toMs, open, rtId } = asked;
  const page: PageAsked = {
    first,
    after,
    filter: {
      ...(rtId === undefined ? {} : { rtId: { eq: rtId } }),
      timestamp: { gte: instant(fromMs), [open ? 'lt' : 'lte']: instant(toMs) },
    },
    orderBy: { timestamp: 'ASC' },
  };
  return { stream: stream.model, page, attributes: stream.model.attributes.map(({ selection }) => selection) };
}

function pageOf(reader: RowsReader, open: Open, answer: FieldAnswer): { page: RowsPage; after?: string } | undefined {
  if ('failure' in answer) {
    if (!isPlatformError(answer.failure) || !isOfThisRequest(answer.failure)) throw answer.failure;
    reader.onTrouble(open.asked.stream, answer.failure);
    return undefined;
  }
  const read = connectionPage.safeParse(answer.value);
  if (!read.success || !read.data.pageInfo) throw new MalformedResponseError('OCTO-10: the answer is not a page');
  const { items, pageInfo } = read.data;
  reader.onWell(open.asked.stream);
  const rows = reader.kit.items(streamRow, items, 'stream row');
  const page = { asked: open.asked, rows, last: !pageInfo.hasNextPage };
  if (!pageInfo.hasNextPage) return { page };
  const after = pageInfo.endCursor;
  if (!after || after === open.after) throw new MalformedResponseError('OCTO-10: a page leads to no next one');
  return { page, after };
}
