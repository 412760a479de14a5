import { afterEach, describe, expect, it } from '@jest/globals';
import type { Command, EntityPage } from '@tributary/adapter-kit';
import { EXOSENSE_TOKENS, type ExosenseOptions } from '@tributary/simulators';
import { type Connected, discover, never, type Rig, startRig } from './rig.ts';

let rig: Rig;
afterEach(() => rig.stop());

const begin = async (options: ExosenseOptions = {}, settings = {}) => {
  rig = await startRig({ devices: 3, ...options }, settings);
};
const wait = <T>(work: Promise<T> | undefined): Promise<T> =>
  rig.through(work ?? Promise.reject(new Error('the capability is absent')));
const entities = ({ adapter }: Connected = rig) => adapter.entities;

describe('assets as entities', () => {
  it('are made, renamed and deleted, each by what was read', async () => {
    await begin();
    const made = await wait(
      entities()?.create?.('asset', { name: 'Pump 7', description: 'new', meta: { line: 4 } }, never),
    );
    expect(made).toMatchObject({
      type: 'asset',
      name: 'Pump 7',
      attributes: { description: 'new', meta: { line: 4 } },
    });
    const read = await wait(entities()?.get('asset', made?.nativeId ?? '', never));
    expect(read.etag).toBe(made.etag);

    const renamed = await wait(entities()?.update?.('asset', read.nativeId, { name: 'Pump 8' }, read.etag, never));
    expect(renamed).toMatchObject({ name: 'Pump 8', attributes: { description: 'new' } });
    expect(renamed.etag).not.toBe(read.etag);
    await rig.pass(11_000);
    await expect(
      wait(entities()?.update?.('asset', read.nativeId, { name: 'x' }, read.etag, never)),
    ).rejects.toMatchObject({ code: 'conflict' });
    await expect(wait(entities()?.remove?.('asset', read.nativeId, read.etag, never))).rejects.toMatchObject({
      code: 'conflict',
    });

    await rig.pass(11_000);
    await wait(entities()?.remove?.('asset', read.nativeId, renamed.etag, never));
    await expect(wait(entities()?.get('asset', read.nativeId, never))).rejects.toMatchObject({ code: 'not-found' });
    await expect(wait(entities()?.remove?.('asset', read.nativeId, renamed.etag, never))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('count as deleted when the answer was lost and nothing is there any more', async () => {
    await begin();
    const made = await wait(entities()?.create?.('asset', { name: 'Pump 7' }, never));
    rig.simulator.faults.add({ kind: 'reset', when: 'after' }, { operation: 'EXO-10', count: 1 });
    await wait(entities()?.remove?.('asset', made.nativeId, made.etag, never));
    expect(rig.simulator.journal.entries({ operation: 'EXO-10' })).toHaveLength(1);
  });

  it('say what is not taken and what is missing, before anything is sent', async () => {
    await begin();
    await expect(wait(entities()?.create?.('asset', { description: 'x' }, never))).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('name'),
    });
    await expect(wait(entities()?.create?.('asset', { name: 'x', colour: 'red' }, never))).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('colour'),
    });
  });

  it.each(['field', 'http'] as const)('may not be changed by a token whose role forbids it (%s)', async (forbidden) => {
    await begin({ answers: { forbidden } });
    const viewer = rig.connect({ token: EXOSENSE_TOKENS.viewer });
    const [asset] = (await wait(entities(viewer)?.query('asset', { sort: [], limit: 10 }, never))).items;
    const refused = { code: 'permission-denied' };
    await expect(wait(entities(viewer)?.create?.('asset', { name: 'x' }, never))).rejects.toMatchObject(refused);
    const { nativeId = '', etag = '' } = asset ?? {};
    await expect(wait(entities(viewer)?.update?.('asset', nativeId, { name: 'x' }, etag, never))).rejects.toMatchObject(
      refused,
    );
    await expect(wait(entities(viewer)?.remove?.('asset', nativeId, etag, never))).rejects.toMatchObject(refused);
    expect((await wait(entities()?.get('asset', nativeId, never))).etag).toBe(etag);
    expect(viewer.adapter.limitations?.()).toContain("the token's role does not allow createAsset");
  });

  it('are made by the name that the instance has for it, and not at all where it has none', async () => {
    const schema = {
      rename: { 'Mutation.createAsset': 'addAsset', 'Query.assets': 'assetList' },
      without: ['Mutation.updateAsset'],
    };
    await begin({ schema }, { names: { createAsset: 'addAsset', assets: 'assetList', inviteUser: 'askUser' } });
    await wait(rig.adapter.probe(never));
    const made = await wait(entities()?.create?.('asset', { name: 'Pump 7' }, never));
    expect(made.name).toBe('Pump 7');
    await expect(
      wait(entities()?.update?.('asset', made.nativeId, { name: 'x' }, made.etag, never)),
    ).rejects.toMatchObject({
      code: 'unsupported',
    });
    const types = await wait(entities()?.types(never));
    expect(types.find(({ name }) => name === 'asset')?.operations).toEqual(['create', 'remove']);
    expect(rig.adapter.limitations?.()).toEqual([
      "settings.names.inviteUser: the platform's schema has no mutation askUser",
    ]);
  });
});

describe('records of other types', () => {
  it('are listed page by page and found by their ids', async () => {
    await begin({ devices: 30 });
    for (const type of ['asset', 'group', 'device', 'product', 'user', 'role']) {
      const found: string[] = [];
      for (let cursor: string | undefined = '0'; cursor !== undefined; ) {
        const page: EntityPage = await wait(entities()?.query(type, { sort: [], limit: 7, cursor }, never));
        found.push(...page.items.map(({ nativeId }) => nativeId));
        cursor = page.nextCursor;
      }
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found).size).toBe(found.length);
      const one = await wait(entities()?.get(type, found.at(-1) ?? '', never));
      expect(one).toMatchObject({ type, nativeId: found.at(-1) });
    }
    await expect(wait(entities()?.query('moon', { sort: [], limit: 5 }, never))).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(
      wait(entities()?.query('asset', { sort: [{ field: 'name', descending: false }], limit: 5 }, never)),
    ).rejects.toMatchObject({ code: 'invalid-request' });
    const filtered = await wait(entities()?.query('asset', { sort: [], limit: 5, filter: 'name eq "x"' }, never));
    expect(filtered.residualFilter).toBe('name eq "x"');
  });
});

describe('users', () => {
  it('are invited, listed and removed', async () => {
    await begin();
    const { users } = rig.adapter;
    const roles = await wait(entities()?.query('role', { sort: [], limit: 10 }, never));
    const groups = await wait(entities()?.query('group', { sort: [], limit: 10 }, never));
    const draft = {
      email: 'new@example.com',
      attributes: { roleId: roles.items[0]?.nativeId ?? '', groupIds: [groups.items[0]?.nativeId ?? ''] },
    };
    const invited = await wait(users?.invite?.(draft, never));
    expect(invited).toMatchObject({ username: 'new@example.com', email: 'new@example.com' });
    const listed = await wait(users?.list?.({ limit: 50 }, never));
    expect(listed.items.map(({ nativeId }) => nativeId)).toContain(invited.nativeId);
    await expect(wait(users?.invite?.({ ...draft, attributes: {} }, never))).rejects.toMatchObject({
      code: 'invalid-request',
    });
    await expect(wait(users?.invite?.({ attributes: {} }, never))).rejects.toMatchObject({ code: 'invalid-request' });
    await wait(users?.remove?.(invited.nativeId, never));
    expect((await wait(users?.list?.({ limit: 50 }, never))).items.map(({ nativeId }) => nativeId)).not.toContain(
      invited.nativeId,
    );
    expect((await wait(users?.current?.(never))).nativeId).toBeTruthy();
    const viewer = rig.connect({ token: EXOSENSE_TOKENS.viewer });
    await expect(
      wait(viewer.adapter.users?.invite?.({ ...draft, email: 'b@example.com' }, never)),
    ).rejects.toMatchObject({
      code: 'permission-denied',
    });
  });
});

describe('orders for control signals', () => {
  const order = async (params: Record<string, unknown>): Promise<Command> => {
    const [device] = await rig.through(discover(rig));
    return { id: 'cmd_1', device: device?.nativeId ?? '', name: 'set-signal', params: params as never, expiresAtMs: 0 };
  };

  it('are acknowledged by the platform, and confirmed when the signal reports the value', async () => {
    await begin({ cadenceMs: 5_000 });
    const command = await order({ signal: 'Setpoint', value: 21 });
    expect(rig.adapter.commands?.describe(command.device).map(({ name }) => name)).toEqual(['set-signal']);
    const receipt = await wait(rig.adapter.commands?.execute(command, never));
    expect(receipt).toMatchObject({ state: 'acknowledged' });
    expect(await wait(rig.adapter.commands?.follow?.(command, receipt.reference ?? {}, never))).toBeUndefined();
    await rig.pass(11_000);
    expect(await wait(rig.adapter.commands?.follow?.(command, receipt.reference ?? {}, never))).toMatchObject({
      state: 'confirmed',
      evidence: { data: { value: 21 } },
    });
  });

  it('are never confirmed when the device does not obey', async () => {
    await begin({ cadenceMs: 5_000 });
    const command = await order({ signal: 'Setpoint', value: 21 });
    await rig.simulator.actions.run('set-obedience', { device: command.device, obeys: false });
    const receipt = await wait(rig.adapter.commands?.execute(command, never));
    await rig.pass(20_000);
    expect(await wait(rig.adapter.commands?.follow?.(command, receipt.reference ?? {}, never))).toBeUndefined();
  });

  it('are refused before they are sent when the signal does not allow them', async () => {
    await begin();
    for (const params of [
      { signal: 'Setpoint', value: 1e9 },
      { signal: 'Setpoint', value: 'warm' },
      { signal: 'Temperature', value: 5 },
      { signal: 'Setpoint' },
    ]) {
      const command = await order(params);
      await expect(wait(rig.adapter.commands?.execute(command, never))).rejects.toMatchObject({
        code: 'invalid-request',
      });
    }
    expect(rig.simulator.journal.entries({ operation: 'EXO-01:controlSignal' })).toEqual([]);
  });

  it('are not offered where the schema has none', async () => {
    await begin({ schema: { without: ['Mutation.controlSignal'] } });
    const command = await order({ signal: 'Setpoint', value: 21 });
    expect(rig.adapter.commands?.describe(command.device)).toEqual([]);
    await expect(wait(rig.adapter.commands?.execute(command, never))).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });
});

describe("a caller's own GraphQL", () => {
  it('is answered as the platform answers, errors beside the data included', async () => {
    await begin();
    const execute = (query: string, variables = {}) =>
      wait(rig.adapter.graphql?.execute({ query, operation: 'query', variables }, never));
    const page = 'query P($p: Pagination) { assets(pagination: $p) { id } }';
    expect((await execute(page, { p: { limit: 2 } })).data).toEqual({ assets: [expect.anything(), expect.anything()] });
    expect(await execute('{ asset(id: "none") { id } }')).toMatchObject({
      data: { asset: null },
      errors: [{ message: 'Asset not found' }],
      extensions: { cost: expect.anything() },
    });
    await expect(execute('{ nonsense }')).rejects.toMatchObject({ code: 'invalid-request' });
  });
});

describe('the schema', () => {
  it('is asked for once a day, and an older one serves while it cannot be had', async () => {
    await begin({ producing: false });
    const types = () => wait(entities()?.types(never));
    const introspections = () => rig.simulator.journal.count({ operation: 'EXO-20' });
    await types();
    await types();
    expect(introspections()).toBe(1);
    await rig.simulator.clock.advance(25 * 3_600_000);
    rig.simulator.faults.add({ kind: 'status', status: 500 }, { operation: 'EXO-20' });
    expect((await types()).length).toBeGreaterThan(3);
    const asked = introspections();
    await types();
    expect(introspections()).toBe(asked);
    rig.simulator.faults.clear();
    await rig.simulator.clock.advance(11 * 60_000);
    await types();
    expect(introspections()).toBe(asked + 1);
  });
});

describe('a token', () => {
  it('that is refused is asked with once, and is never shown', async () => {
    await begin();
    const wrong = rig.connect({ token: 'exo_wrong' });
    const position = rig.simulator.journal.position;
    const failure = await wait(
      wrong.adapter.probe(never).then(
        () => undefined,
        (error: Error) => error,
      ),
    );
    expect(failure).toMatchObject({ code: 'authentication' });
    expect(JSON.stringify([failure, failure?.message, failure?.stack])).not.toContain('exo_wrong');
    expect(rig.simulator.journal.entries({ after: position })).toHaveLength(1);
  });

  it('sees its own part of the tree alone', async () => {
    await begin({ devices: 30 });
    const all = await rig.through(discover(rig));
    const part = await rig.through(discover(rig.connect({ token: EXOSENSE_TOKENS.customerA })));
    expect(part.length).toBeGreaterThan(0);
    expect(part.length).toBeLessThan(all.length);
    const group = part[0]?.spaces.find(({ name }) => name === 'Customer A')?.nativeId ?? '';
    const chosen = await rig.through(discover(rig.connect({ settings: { rootGroup: group } })));
    expect(chosen.map(({ nativeId }) => nativeId).toSorted()).toEqual(part.map(({ nativeId }) => nativeId).toSorted());
  });
});
