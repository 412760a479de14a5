import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Checkpoint, Observation } from '@tributary/adapter-kit';
import { ManualClock } from '@tributary/testing';
import { changesOf, everything, idsOf, never, type Rig, run, startRig } from './rig.ts';

jest.setTimeout(120_000);

const POLL = 'entities.workorder';
let rig: Rig;
afterEach(() => rig.stop());

const start = async (mesh: object = {}, entities: object = {}) => {
  rig = await startRig(
    {},
    { settings: { meshes: [{ name: 'workorder', ...mesh }], entities: { longestRest: '0s', ...entities } } },
  );
};
const insert = async (document: object | object[]): Promise<string[]> => {
  const made = await rig.simulator.actions.run('insert-document', { mesh: 'workorder', document });
  return [made].flat().map((one) => (one as { _id: string })._id);
};
const update = (id: string, document: object) =>
  rig.simulator.actions.run('update-document', { mesh: 'workorder', id, document });
const remove = (id: string) => rig.simulator.actions.run('delete-document', { mesh: 'workorder', id });
const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
/** Made minutes apart, years ago. */
const idOf = (n: number) => (0x5d430000 + n * 100).toString(16) + String(n).padStart(16, '0');
const always = { sweepEvery: '0s' };

describe('changes without push', () => {
  it('a first look tells all there is, the next nothing', async () => {
    await start({}, always);
    const ids = await insert(numbered(450));
    const first = await run(rig, POLL);
    expect(changesOf(first.observations)).toEqual(ids.map((id) => `created ${id}`));
    const second = await run(rig, POLL, first.checkpoint);
    expect(second.observations).toEqual([]);
  });

  it('a writer at the platform is told: what was made, changed and removed', async () => {
    await start({ type: 'work_order', nameField: 'title' }, always);
    const [a = '', b = '', c = ''] = await insert([{ title: 'A' }, { title: 'B' }, { title: 'C' }]);
    const first = await run(rig, POLL);
    const [d = ''] = await insert({ title: 'D' });
    await update(b, { title: 'B2' });
    await remove(a);
    await remove(c);
    const { observations } = await run(rig, POLL, first.checkpoint);
    const said = [`created ${d}`, `updated ${b}`, `removed ${a}`, `removed ${c}`];
    expect(changesOf(observations).toSorted()).toEqual(said.toSorted());
    expect(observations).toContainEqual({
      type: 'entity',
      change: 'updated',
      entity: { entityType: 'work_order', nativeId: b, name: 'B2', attributes: { title: 'B2' } },
    });
  });

  it('between sweeps, what is new is told at once and changes where a field tells them', async () => {
    await start({ updatedField: 'updatedAt' }, { sweepEvery: '1h' });
    const at = (n: number) => new Date(Date.parse('2026-03-01T00:00:00.000Z') + n * 1_000).toISOString();
    const ids = await insert(numbered(300).map(({ n }) => ({ n, updatedAt: at(n), _id: idOf(n) })));
    const first = await run(rig, POLL);
    const position = rig.simulator.journal.position;
    const old = ids[3] ?? '';
    await update(old, { n: -1, updatedAt: at(400) });
    await update(ids[5] ?? '', { n: -1 });
    await remove(ids[7] ?? '');
    const [made = ''] = await insert({ n: 1, updatedAt: at(401) });
    const { observations, checkpoint } = await run(rig, POLL, first.checkpoint);
    expect(changesOf(observations)).toEqual([`created ${made}`, `updated ${old}`]);
    // New ones, late ones, and changes within the overlap: not the whole mesh.
    expect(rig.simulator.journal.count({ operation: 'MESHY-08', after: position })).toBeLessThanOrEqual(4);
    expect((await run(rig, POLL, checkpoint)).observations).toEqual([]);
  });

  it('is not told twice after a restart, and goes on where it was', async () => {
    await start({ updatedField: 'updatedAt' }, always);
    const old = (n: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + n * 600_000).toISOString();
    const ids = await insert(numbered(250).map(({ n }) => ({ n, updatedAt: old(n), _id: idOf(n) })));
    const first = await run(rig, POLL);
    const next = rig.connect();
    await update(ids[100] ?? '', { n: -1, updatedAt: '2026-02-01T00:00:00.000Z' });
    const [made = ''] = await insert({ n: 1, updatedAt: '2026-02-02T00:00:00.000Z' });
    const { observations, checkpoint } = await run(next, POLL, first.checkpoint);
    // What lies within the overlap may be told again: here the last one.
    const said = [`created ${made}`, `updated ${ids[100]}`, `created ${ids[249]}`];
    expect(changesOf(observations).toSorted()).toEqual(said.toSorted());
    await remove(ids[8] ?? '');
    expect(changesOf((await run(next, POLL, checkpoint)).observations)).toEqual([`removed ${ids[8]}`]);
    expect(next.adapter.limitations?.()).toEqual([]);
  });

  it('says that something happened while nobody watched, where it cannot say what', async () => {
    await start({}, always);
    const ids = await insert(numbered(30).map(({ n }) => ({ n, _id: idOf(n) })));
    const first = await run(rig, POLL);
    await remove(ids[3] ?? '');
    const next = rig.connect();
    const { observations } = await run(next, POLL, first.checkpoint);
    expect(changesOf(observations).filter((change) => change.startsWith('removed'))).toEqual([]);
    expect(next.adapter.limitations?.()).toEqual([expect.stringContaining('while nobody watched')]);
  });

  it('tells again what is not known to have arrived, and removals too', async () => {
    await start({}, always);
    const ids = await insert(numbered(5));
    const first = await run(rig, POLL);
    await remove(ids[2] ?? '');
    await insert({ n: 9 });
    const lost = await run(rig, POLL, first.checkpoint);
    expect(changesOf(lost.observations)).toHaveLength(2);
    // The broker confirmed nothing of it: the checkpoint that comes back is the one before.
    const again = await run(rig, POLL, first.checkpoint);
    expect(changesOf(again.observations)).toEqual(expect.arrayContaining(changesOf(lost.observations)));
    expect(changesOf((await run(rig, POLL, again.checkpoint)).observations)).toEqual([]);
  });

  it('a sweep that does not come to its end removes nothing', async () => {
    await start({}, always);
    const ids = await insert(numbered(450));
    const first = await run(rig, POLL);
    await remove(ids[0] ?? '');
    const seen: Observation[] = [];
    let last: Checkpoint | undefined = first.checkpoint;
    rig.simulator.faults.add({ kind: 'malformed', as: 'html' }, {
      operation: 'MESHY-08',
      count: 100,
      skip: 3,
    } as never);
    const cut = async () => {
      for await (const page of rig.adapter.polls?.[POLL]?.run(last, never) ?? []) {
        seen.push(...page.items);
        last = page.checkpoint ?? last;
      }
    };
    await expect(cut()).rejects.toMatchObject({ code: 'malformed-response' });
    expect(changesOf(seen).filter((change) => change.startsWith('removed'))).toEqual([]);
    rig.simulator.faults.clear();
    expect(changesOf((await run(rig, POLL, last)).observations)).toContain(`removed ${ids[0]}`);
  });

  it('a mesh that is too large is not swept, and the health says so', async () => {
    await start({}, { sweepEvery: '0s', maxRemembered: 100 });
    const ids = await insert(numbered(250));
    const first = await run(rig, POLL);
    expect(changesOf(first.observations)).toHaveLength(250);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining('more than 100 documents')]);
    await remove(ids[0] ?? '');
    const [made] = await insert({ n: 1 });
    const { observations } = await run(rig, POLL, first.checkpoint);
    expect(changesOf(observations)).toEqual([`created ${made}`]);
  });

  it('looks less and less often while nothing happens', async () => {
    const clock = new ManualClock();
    await start({}, { sweepEvery: '1h', longestRest: '1m' });
    const quiet = rig.connect({ clock });
    let checkpoint = (await run(quiet, POLL)).checkpoint;
    const position = rig.simulator.journal.position;
    for (let second = 0; second < 120; second += 1) {
      await clock.advance(1_000);
      checkpoint = (await run(quiet, POLL, checkpoint)).checkpoint ?? checkpoint;
    }
    expect(rig.simulator.journal.count({ operation: 'MESHY-08', after: position })).toBeLessThan(10);
  });

  it('5 000 documents, searched, paged and swept while others are made and removed: none missed, none twice', async () => {
    await start({}, always);
    const ids = await insert(numbered(5_000).map(({ n }) => ({ n, group: n % 7, stays: n % 50 !== 0 })));
    const staying = ids.filter((_, n) => n % 50 !== 0);
    const going = ids.filter((_, n) => n % 50 === 0);
    const stir = async () => {
      await insert([
        { n: -1, group: 3, stays: false },
        { n: 10_000, group: 3, stays: false },
      ]);
      const gone = going.pop();
      if (gone !== undefined) await remove(gone);
    };
    const searches = [
      { limit: 200 },
      { limit: 33, filter: 'attributes.group eq 3' },
      { limit: 150, filter: 'attributes.n ge 0' },
      { limit: 200, sort: [{ field: 'attributes.n', descending: false }] },
      { limit: 100, sort: [{ field: 'attributes.group', descending: true }], filter: 'attributes.n lt 2000' },
    ];
    const wanted = [() => true, (n: number) => n % 7 === 3, () => true, () => true, (n: number) => n < 2_000];
    const numberOf = new Map(ids.map((id, n) => [id, n]));
    for (const [i, search] of searches.entries()) {
      const found = idsOf(await everything(rig, { ...search, onPage: stir }));
      expect(new Set(found).size).toBe(found.length);
      const there = new Set(found);
      const expected = staying.filter((id) => wanted[i]?.(numberOf.get(id) ?? -1));
      expect(expected.filter((id) => !there.has(id))).toEqual([]);
    }
    const swept: Observation[] = [];
    let checkpoint: Checkpoint | undefined;
    for (let round = 0; round < 3; round += 1) {
      for await (const page of rig.adapter.polls?.[POLL]?.run(checkpoint, never) ?? []) {
        swept.push(...page.items);
        checkpoint = page.checkpoint ?? checkpoint;
        if (round === 0) await stir();
      }
    }
    const changes = changesOf(swept);
    expect(new Set(changes).size).toBe(changes.length);
    const there = new Set(changes);
    expect(staying.filter((id) => !there.has(`created ${id}`))).toEqual([]);
    const now = idsOf(await everything(rig));
    const alive = new Set(changes.filter((c) => c.startsWith('created')).map((c) => c.slice(8)));
    for (const change of changes) if (change.startsWith('removed')) alive.delete(change.slice(8));
    expect([...alive].toSorted()).toEqual(now.toSorted());
  });
});
