/** The values of newline-delimited JSON, wherever chunks end. Throws a `SyntaxError` for a line that is no JSON. */
export async function* jsonLines(chunks: AsyncIterable<string>): AsyncGenerator<unknown, void, undefined> {
  /** Pieces of a line that has not ended yet; joined once. */
  let pieces: string[] = [];
  for await (const chunk of chunks) {
    const lines = chunk.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      const text = pieces.length === 0 ? line : [...pieces, line].join('');
      pieces = [];
      if (text.trim() !== '') yield JSON.parse(text);
    }
    if (rest !== '') pieces.push(rest);
  }
  const last = pieces.join('');
  if (last.trim() !== '') yield JSON.parse(last);
}
