import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Frame, frames } from '../src/events/frames.ts';
import { jsonLines } from '../src/json-lines.ts';
import { collect, cutAt, cuts, textOf } from './chunked.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const RUNS = { numRuns: 300 };

describe('newline-delimited JSON', () => {
  it('is the same wherever its bytes are cut', async () => {
    const values = fc.array(fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(values, fc.boolean(), cuts, async (expected, lastLineEnds, places) => {
        const text = expected.map((value) => JSON.stringify(value)).join('\n') + (lastLineEnds ? '\n' : '');
        const read = await collect(jsonLines(textOf(cutAt(bytesOf(text), places))));
        expect(read).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      RUNS,
    );
  });

  it('passes over empty lines and refuses half a value', async () => {
    const read = (text: string) => collect(jsonLines(textOf([bytesOf(text)])));
    expect(await read('\n{"a":1}\r\n\n2\n')).toEqual([{ a: 1 }, 2]);
    await expect(read('{"a":1}\n{"a"')).rejects.toThrow(SyntaxError);
  });
});

interface Block extends Frame {
  comment?: string | undefined;
  retry?: number | undefined;
}

const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/[\r\n\0\uFEFF]/g, '~'));
const word = fc.stringMatching(/^[a-z.]{1,8}$/);
const block: fc.Arbitrary<Block> = fc.record({
  id: fc.option(word, { nil: undefined }),
  event: fc.option(word, { nil: undefined }),
  data: fc.option(line, { nil: undefined }),
  comment: fc.option(line, { nil: undefined }),
  retry: fc.option(fc.nat({ max: 9_999 }), { nil: undefined }),
});

const written = ({ id, event, data, comment, retry }: Block, end: string): string =>
  [
    ...(comment === undefined ? [] : [`: ${comment}`]),
    ...(retry === undefined ? [] : [`retry: ${retry}`]),
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    ...(data === undefined ? [] : [`data: ${data}`]),
    '',
    '',
  ].join(end);

/** What the specification makes of a block: an event where there is data, else a place where there is an id. */
function meant({ id, event, data }: Block): Frame[] {
  if (data !== undefined) return [{ id, event, data }];
  return id === undefined ? [] : [{ id }];
}

describe('Server-Sent Events', () => {
  it('are the same wherever their bytes are cut, and what has not ended is none', async () => {
    const ending = fc.constantFrom('\n', '\r\n', '\r');
    await fc.assert(
      fc.asyncProperty(fc.array(block, { maxLength: 8 }), ending, cuts, async (blocks, end, places) => {
        const text = `${blocks.map((one) => written(one, end)).join('')}id: later${end}data: never finished`;
        const waits: number[] = [];
        const read = await collect(frames(textOf(cutAt(bytesOf(text), places)), (ms) => void waits.push(ms)));
        expect(read.map((frame) => ({ ...frame }))).toEqual(blocks.flatMap(meant));
        expect(waits).toEqual(blocks.flatMap(({ retry }) => retry ?? []));
      }),
      RUNS,
    );
  });
});
