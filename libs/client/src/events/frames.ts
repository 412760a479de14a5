import { createParser, type ParseError } from 'eventsource-parser';

/** What a block of Server-Sent Events says: an event, or only a place to resume at. */
export interface Frame {
  id?: string | undefined;
  event?: string | undefined;
  data?: string | undefined;
}

/** Characters of one event; the service's own limit of a message is far below. */
const MOST_CHARACTERS = 16_000_000;

/**
 * The frames of a text stream, wherever chunks end. What was not ended by a blank line is none. `onRetry` hears how long
 * the server wants to be left alone before the next connection, in milliseconds. Throws a `ParseError` for an event
 * without end.
 */
export async function* frames(
  chunks: AsyncIterable<string>,
  onRetry: (ms: number) => void,
): AsyncGenerator<Frame, void, undefined> {
  let found: Frame[] = [];
  const parser = createParser({
    onId: (id) => void found.push({ id }),
    onEvent: ({ id, event, data }) => {
      // Its id was told just before, as it is where a block has nothing else.
      if (id !== undefined) found.pop();
      found.push({ id, event, data });
    },
    onRetry,
    onError: refuseEndless,
    maxBufferSize: MOST_CHARACTERS,
  });
  for await (const chunk of chunks) {
    parser.feed(chunk);
    const ready = found;
    found = [];
    yield* ready;
  }
}

/** Fields that this version does not know are passed over, as the specification wants. */
function refuseEndless(error: ParseError): void {
  if (error.type === 'max-buffer-size-exceeded') throw error;
}
