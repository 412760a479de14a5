import fc from 'fast-check';
import { type OpenBody, textChunks } from '../src/text-chunks.ts';

/** Bytes cut at any places, in mid-character too. */
export const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 40 });

export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...borders].map((from, i) => bytes.slice(from, borders[i] ?? bytes.length));
}

/** A body that gives these chunks and then ends. */
export function bodyOf(chunks: readonly Uint8Array[]): OpenBody {
  const rest = [...chunks];
  return {
    stream: new ReadableStream({
      pull(controller) {
        const chunk = rest.shift();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
    }),
    expect: () => undefined,
    arrived: () => undefined,
    close: () => undefined,
    explain: (error) => error,
  };
}

export const textOf = (chunks: readonly Uint8Array[]): AsyncIterable<string> => textChunks(bodyOf(chunks), 1_000);

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
