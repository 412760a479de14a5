import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError, isPlatformError, type PlatformError, UnavailableError } from '@tributary/contracts';
import type { FieldAnswer, OctomeshClient } from '../client.ts';
import type { Document } from '../dialect/operation.ts';
import type { UsedStream } from '../schema/streams-in-use.ts';
import { type RowsReader, readRows } from './telemetry.rows.ts';

const call = { lane: 'live' as const, signal: new AbortController().signal };

const streamOf = (name: string): UsedStream => ({
  model: {
    name,
    flat: name,
    objectType: name,
    attributes: [],
    listing: { field: `ts${name}`, args: { first: 'Int', after: 'String', filter: 'F', orderBy: 'O' }, pageInfo: '' },
  },
  owners: [],
  signalOf: (attribute) => attribute,
  unitOf: () => undefined,
});

/** A platform with so many pages of each stream; `failing` streams spoil every request that they are part of. */
function platform(pages: Record<string, number>, failing: Record<string, PlatformError> = {}) {
  const asked: string[][] = [];
  const troubles: string[] = [];
  const client = {
    fields: async (_root: string, { query }: Document): Promise<FieldAnswer[]> => {
      const names = [...query.matchAll(/a\d+: ts(\w+)/g)].map(([, name = '']) => name);
      asked.push(names);
      const failure = names.map((name) => failing[name]).find(isPlatformError);
      if (failure) throw failure;
      return names.map((name) => {
        const left = (pages[name] ?? 1) - 1;
        pages[name] = left;
        const items = [{ rtId: 'a', timestamp: '2024-01-01T00:00:00Z' }];
        return { value: { items, pageInfo: { hasNextPage: left > 0, endCursor: `${left}` } } };
      });
    },
  };
  const reader: RowsReader = {
    client: client as unknown as OctomeshClient,
    kit: { items: (schema, list) => list.map((item) => schema.parse(item)) as never },
    pageSize: 1_000,
    onTrouble: (stream) => troubles.push(stream.model.name),
    onWell: () => undefined,
  };
  return { reader, asked, troubles };
}

async function readAll({ reader }: { reader: RowsReader }, names: string[]) {
  const last: string[] = [];
  const windows = names.map((name) => ({ stream: streamOf(name), fromMs: 0, toMs: 1_000 }));
  for await (const pages of readRows(reader, windows, call)) {
    last.push(...pages.filter((page) => page.last).map(({ asked }) => asked.stream.model.name));
  }
  return last;
}

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXY'];

describe('reading many streams', () => {
  it('carries ten a request, in turns: a long one makes nobody wait', async () => {
    const rig = platform({ A: 50 });
    const ended = await readAll(rig, letters);
    expect(Math.max(...rig.asked.map((names) => names.length))).toBe(10);
    // Everybody else is through after the first turn, and the long one goes on alone.
    expect(rig.asked.slice(0, 3).flat().toSorted()).toEqual([...letters, 'A'].toSorted());
    expect(ended.slice(0, 24).toSorted()).toEqual(letters.slice(1));
    expect(ended.at(-1)).toBe('A');
    expect(rig.asked.flat().filter((name) => name === 'A')).toHaveLength(50);
  });

  it('sets aside the stream that fails alone, and reads the others', async () => {
    const rig = platform({}, { C: new InvalidRequestError('no such type') });
    expect((await readAll(rig, letters.slice(0, 5))).toSorted()).toEqual(['A', 'B', 'D', 'E']);
    expect(rig.troubles).toEqual(['C']);
  });

  it('leaves an outage to whoever tries again', async () => {
    const rig = platform({}, { C: new UnavailableError('away') });
    await expect(readAll(rig, letters.slice(0, 5))).rejects.toMatchObject({ code: 'unavailable' });
    expect(rig.asked).toHaveLength(1);
  });
});
