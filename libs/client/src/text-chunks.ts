/** A body that is read while it comes. */
export interface OpenBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Starts the watch over the next chunk. */
  expect(withinMs: number): void;
  arrived(): void;
  /** Nothing more is wanted. */
  close(): void;
  /** What an error of the connection means. */
  explain(error: unknown): unknown;
}

/**
 * The text of a body as it comes, wherever chunks end, in mid-character too. Nothing is read ahead: the next chunk is
 * taken when it is asked for, and only the wait for it counts as silence. Leaving the iteration closes the connection.
 */
export async function* textChunks(body: OpenBody, silenceMs: number): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  const reader = body.stream.getReader();
  try {
    for (;;) {
      const chunk = await next(reader, body, silenceMs);
      if (chunk === undefined) return yield decoder.decode();
      yield decoder.decode(chunk, { stream: true });
    }
  } finally {
    body.close();
    // Whoever leaves early wants no more; an error of the connection was told already.
    await reader.cancel().catch(() => undefined);
  }
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  body: OpenBody,
  silenceMs: number,
): Promise<Uint8Array | undefined> {
  body.expect(silenceMs);
  try {
    return (await reader.read()).value;
  } catch (error) {
    throw body.explain(error);
  } finally {
    body.arrived();
  }
}
