import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { EntityRecord } from '@tributary/contracts';
import { everything, failureOf, idsOf, never, type Rig, startRig } from './rig.ts';

jest.setTimeout(120_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({}, { settings: { meshes: [{ name: 'workorder', type: 'work_order', nameField: 'title' }] } });
});
afterAll(() => rig.stop());

const TYPE = 'work_order';
const entities = () => {
  const { entities: found } = rig.adapter;
  if (!found?.create || !found.update || !found.remove) throw new Error('no entities');
  return {
    ...found,
    get: found.get.bind(found),
    create: found.create.bind(found),
    update: found.update.bind(found),
    remove: found.remove.bind(found),
    types: found.types.bind(found),
    query: found.query.bind(found),
  };
};
const make = (attributes: EntityRecord['attributes']) => entities().create(TYPE, attributes, never);
const document = {
  title: 'Pump',
  status: 'open',
  count: 1,
  parts: [{ 'a.b': 1 }, null],
  $set: { x: { y: true } },
  note: null,
};
const storedIn = async (id: string) =>
  (await rig.simulator.actions.run('documents', { mesh: 'workorder', filter: `{_id: ObjectId("${id}")}` })) as object[];

describe('documents as entities', () => {
  it('MESHY-06 are made, read and searched, under names of our own', async () => {
    const made = await make(document);
    expect(made).toMatchObject({ type: TYPE, name: 'Pump', attributes: document });
    expect(made.attributes.hubId).toEqual(expect.any(String));
    expect(await entities().get(TYPE, made.nativeId, never)).toEqual(made);
    expect(await everything(rig, { type: TYPE, filter: `nativeId eq "${made.nativeId}"` })).toEqual([made]);
    expect((await entities().types(never)).map(({ name }) => name)).toEqual([TYPE]);
    expect(JSON.stringify(await storedIn(made.nativeId))).toContain('"a\uff0eb":1');
    await expect(entities().get('workorder', made.nativeId, never)).rejects.toMatchObject({ code: 'not-found' });
    await expect(entities().get(TYPE, '0'.repeat(24), never)).rejects.toMatchObject({ code: 'not-found' });
    await expect(entities().get(TYPE, 'nobody', never)).rejects.toMatchObject({ code: 'not-found' });
    await expect(make({ _id: 'mine' })).rejects.toMatchObject({ code: 'invalid-request' });
  });

  it('MESHY-07 are changed as a merge patch says, and keep what it does not name', async () => {
    const made = await make(document);
    const patch = { status: 'done', $set: { x: { y: null, z: [1] } }, count: null };
    const changed = await entities().update(TYPE, made.nativeId, patch, made.etag, never);
    // A member that cannot be removed at this platform is emptied: absent and null are the same in our language.
    expect(changed.attributes).toEqual({ ...made.attributes, status: 'done', $set: { x: { z: [1] } }, count: null });
    expect(changed.etag).not.toBe(made.etag);
    expect(await entities().get(TYPE, made.nativeId, never)).toEqual(changed);
    const again = await entities().update(TYPE, made.nativeId, { status: 'done' }, changed.etag, never);
    expect(again).toEqual(changed);
  });

  it('MESHY-07 two writers of one document: one wins, the other learns that it has changed', async () => {
    const made = await make(document);
    const both = await Promise.allSettled([
      entities().update(TYPE, made.nativeId, { status: 'a' }, made.etag, never),
      entities().update(TYPE, made.nativeId, { status: 'b' }, made.etag, never),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const lost = both.find((one) => one.status === 'rejected');
    expect(lost?.reason).toMatchObject({ code: 'conflict' });
    const won = both.find((one) => one.status === 'fulfilled');
    expect(await entities().get(TYPE, made.nativeId, never)).toEqual(won?.value);
  });

  it('MESHY-07 a writer at the platform is not overwritten', async () => {
    const made = await make(document);
    await rig.simulator.actions.run('update-document', {
      mesh: 'workorder',
      id: made.nativeId,
      document: { status: 'theirs' },
    });
    const update = entities().update(TYPE, made.nativeId, { status: 'ours' }, made.etag, never);
    await expect(update).rejects.toMatchObject({ code: 'conflict' });
    const remove = entities().remove(TYPE, made.nativeId, made.etag, never);
    await expect(remove).rejects.toMatchObject({ code: 'conflict' });
    expect((await entities().get(TYPE, made.nativeId, never)).attributes.status).toBe('theirs');
  });

  it('MESHY-09 are removed; one that is gone already is removed', async () => {
    const made = await make(document);
    // The answer to the first is lost, so it is sent again and meets nothing.
    rig.simulator.faults.add({ kind: 'status', status: 503 }, { operation: 'MESHY-09', count: 1 });
    await entities().remove(TYPE, made.nativeId, made.etag, never);
    await expect(entities().get(TYPE, made.nativeId, never)).rejects.toMatchObject({ code: 'not-found' });
    const again = entities().remove(TYPE, made.nativeId, made.etag, never);
    await expect(again).rejects.toMatchObject({ code: 'not-found' });
  });

  it('MESHY-06 a lost answer makes neither two documents nor none', async () => {
    const faults = [
      { kind: 'reset', when: 'after' },
      { kind: 'truncated' },
      { kind: 'malformed', as: 'html' },
    ] as const;
    for (const [n, fault] of faults.entries()) {
      const title = `lost ${n}`;
      rig.simulator.faults.add(fault, { operation: 'MESHY-06', count: 1 });
      const made = await make({ title });
      const found = await everything(rig, { type: TYPE, filter: `attributes.title eq "${title}"` });
      expect(idsOf(found)).toEqual([made.nativeId]);
    }
  });

  it('refuses what no document can be searched by', async () => {
    const asked = (more: object) => failureOf(entities().query(TYPE, { sort: [], limit: 5, ...more }, never));
    expect(await asked({ filter: 'nonsense' })).toMatchObject({ code: 'invalid-request' });
    expect(await asked({ filter: 'other eq 1' })).toMatchObject({ code: 'invalid-request' });
    expect(await asked({ cursor: 'abc' })).toMatchObject({ code: 'invalid-request' });
    expect(await asked({ sort: [{ field: 'attributes.list.0', descending: false }] })).toMatchObject({
      code: 'invalid-request',
    });
  });
});
