import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '@tributary/contracts';
import fc from 'fast-check';
import { find } from 'mingo';
import type { Found, MeshydbClient, SearchAsked } from './client.ts';
import { MeshReader } from './reader.ts';
import type { MeshDocument } from './wire.ts';

const call = { lane: 'reconcile', signal: new AbortController().signal } as const;
const idOf = (n: number) => n.toString(16).padStart(24, '0');
const documents = (count: number): MeshDocument[] =>
  Array.from({ length: count }, (_, n) => ({ _id: idOf(3 * n + 3), n }));

/** How a server takes ids: as the database's own, as text, as text that fits nothing, or not at all. */
type Dialect = 'oid' | 'text' | 'deaf' | 'none';

function server(dialect: Dialect, mesh: MeshDocument[], shortest = Number.POSITIVE_INFINITY) {
  let asked = 0;
  const search = async (
    _mesh: string,
    { filter, orderBy, page = 1, pageSize }: SearchAsked,
  ): Promise<Found<MeshDocument>> => {
    asked += 1;
    const refused = filter?.includes(dialect === 'none' ? '"_id"' : '$oid');
    if (refused && dialect !== 'oid')
      throw new InvalidRequestError('Filter is in an invalid format.', { platformStatus: 400 });
    const criteria = JSON.parse(filter ?? '{}', (_key, value) => value?.$oid ?? value) as Record<string, unknown>;
    const deaf = dialect === 'deaf' && filter?.includes('"_id"');
    const all = deaf
      ? []
      : (find(mesh, criteria)
          .sort(orderBy ?? { _id: 1 })
          .all() as MeshDocument[]);
    const size = Math.min(pageSize, shortest);
    const items = all.slice((page - 1) * size, page * size);
    return { items, rows: items.length, total: all.length };
  };
  return { client: { search } as unknown as MeshydbClient, asked: () => asked };
}

async function readAll(reader: MeshReader, after: string | undefined, pageSize: number): Promise<string[]> {
  const found: string[] = [];
  for await (const page of reader.all('x', after, { pageSize }, call)) found.push(...page.items.map(({ _id }) => _id));
  return found;
}

describe('reading by id', () => {
  it.each(['oid', 'text', 'deaf', 'none'] as const)(
    'brings every document behind an id once, from a server that takes ids as %s',
    async (dialect) => {
      await fc.assert(
        fc.asyncProperty(fc.nat(70), fc.nat(230), fc.integer({ min: 1, max: 30 }), async (count, from, pageSize) => {
          const mesh = documents(count);
          const reader = new MeshReader(server(dialect, mesh).client);
          const after = from === 0 ? undefined : idOf(from);
          const expected = mesh.map(({ _id }) => _id).filter((id) => after === undefined || id > after);
          expect(await readAll(reader, after, pageSize)).toEqual(expected);
        }),
        { numRuns: 150 },
      );
    },
  );

  it('learns from one refusal for all that follows', async () => {
    const { client, asked } = server('text', documents(500));
    const reader = new MeshReader(client);
    expect(await readAll(reader, idOf(1), 50)).toHaveLength(500);
    // Refused, a sample, the sample by either form, and then pages.
    expect(asked()).toBeLessThanOrEqual(4 + 11);
    expect(await reader.one('x', idOf(33), call)).toMatchObject({ n: 10 });
    expect(await reader.one('x', idOf(34), call)).toBeUndefined();
  });

  it('finds one document where no ids are taken', async () => {
    const reader = new MeshReader(server('none', documents(700)).client);
    expect(await reader.one('x', idOf(900), call)).toMatchObject({ n: 299 });
    expect(await reader.one('x', idOf(901), call)).toBeUndefined();
  });

  it('goes on behind pages that are shorter than was asked for', async () => {
    const reader = new MeshReader(server('oid', documents(95), 20).client);
    expect(await readAll(reader, undefined, 200)).toHaveLength(95);
  });

  it('refuses documents out of their order', async () => {
    const client = {
      search: async () => ({ items: [{ _id: idOf(2) }, { _id: idOf(1) }], rows: 2, total: 2 }),
    } as unknown as MeshydbClient;
    await expect(readAll(new MeshReader(client), undefined, 10)).rejects.toMatchObject({ code: 'malformed-response' });
  });
});
