import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, data, startStill } from '../../test/exosense-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';
import { TOKENS } from './accounts.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({ limits: { requests: 1_000 } });
});
afterEach(() => sim.stop());

const failure = async (query: Parameters<typeof ask>[1], token?: string) =>
  dig((await ask(sim, query, token)).json, 'errors', 0, 'message');
const groupId = (name: string) => sim.state.groups.named(name)?.id ?? '';

describe('ExoSense assets that are changed', () => {
  it('EXO-21 makes an asset, last in the list, in the group or the uppermost of the token', async () => {
    const query =
      'mutation($a: CreateAssetInput!) { createAsset(asset: $a) { id name description meta parent { name } signals { id } } }';
    const made = await data(
      sim,
      { query, variables: { a: { name: 'Neu', group_id: groupId('Halle 1'), meta: { serial: 1 } } } },
      'createAsset',
    );
    expect(made).toMatchObject({
      name: 'Neu',
      description: '',
      meta: { serial: 1 },
      parent: { name: 'Halle 1' },
      signals: [],
    });
    expect(sim.state.assets().at(-1)?.id).toBe(dig(made, 'id'));
    expect(sim.truth.devices()).toContain(dig(made, 'id'));
    const own = await ask(sim, { query, variables: { a: { name: 'Mine' } } }, TOKENS.customerA);
    expect(dig(own.json, 'data', 'createAsset', 'parent', 'name')).toBe('Customer A');
    const foreign = await ask(
      sim,
      { query, variables: { a: { name: 'x', group_id: groupId('Halle 1') } } },
      TOKENS.customerA,
    );
    expect(dig(foreign.json, 'errors', 0, 'message')).toBe('Group not found');
    expect(await failure({ query, variables: { a: { name: ' ' } } })).toBe('name must not be empty');
  });

  it('EXO-21 makes an asset from a template, with its signals', async () => {
    const templates = list(await data(sim, '{ assets(includeTemplates: true) { id name } }'), 'assets');
    const template = templates.find((one) => dig(one, 'name') === 'Pump template');
    const query = `mutation { createAsset(asset: {name: "P", template_id: "${dig(template, 'id')}"}) { template { name } assetType { name } signals { id name channel { id } data { value } } } }`;
    const made = await data(sim, query, 'createAsset');
    expect(made).toMatchObject({ template: { name: 'Pump template' }, assetType: { name: 'Pump' } });
    expect(list(made, 'signals')).toHaveLength(8);
    expect(dig(made, 'signals', 0)).toMatchObject({ name: 'Temperature', channel: null, data: [] });
    expect(await failure(query.replace(/template_id: "[^"]+"/, 'template_id: "x"'))).toBe('Template not found');
  });

  it('EXO-21 changes what is given and nothing else', async () => {
    const [asset] = sim.state.assets();
    const query = `mutation($p: UpdateAssetInput!) { updateAsset(id: "${asset?.id}", asset: $p) { name description locked meta parent { name } } }`;
    const update = (p: object) => data(sim, { query, variables: { p } }, 'updateAsset');
    const before = { description: asset?.description, locked: false, meta: asset?.meta };
    expect(await update({ name: 'Renamed' })).toEqual({
      ...before,
      name: 'Renamed',
      parent: { name: 'Customer A Child 1' },
    });
    expect(await update({ description: null, group_id: groupId('東京工場'), locked: true })).toMatchObject({
      name: 'Renamed',
      description: '',
      locked: true,
      parent: { name: '東京工場' },
    });
    expect(await failure('mutation { updateAsset(id: "x", asset: {name: "y"}) { id } }')).toBe('Asset not found');
    expect(await failure(`mutation { updateAsset(id: "${asset?.id}", asset: {}) { id } }`, TOKENS.viewer)).toBe(
      'Forbidden',
    );
  });

  it('EXO-10 takes the data with the asset; a second time is an error', async () => {
    const [asset] = sim.state.assets();
    const query = `mutation { deleteAsset(id: "${asset?.id}") { id } }`;
    expect(await data(sim, query)).toEqual({ deleteAsset: { id: asset?.id } });
    expect(await failure(query)).toBe('Asset not found');
    expect(await failure(`{ asset(id: "${asset?.id}") { id } }`)).toBe('Asset not found');
    const writes = sim.truth.counts({ device: asset?.id }).points;
    await sim.clock.advance(60_000);
    expect(sim.truth.counts({ device: asset?.id }).points).toBe(writes);
    const unused = await data(sim, '{ devices(filters: {only_unused: true}) { identity } }', 'devices');
    expect(unused).toEqual([{ identity: 'pump-00001' }]);
  });
});

describe('ExoSense control signals', () => {
  const order = (index: number, value: string) =>
    `mutation { controlSignal(signal_id: "${sim.state.assets()[0]?.signals[index]?.id}", value: ${JSON.stringify(value)}) { timestamp value valueString protocol } }`;
  const latest = async (index: number) =>
    dig(
      await data(
        sim,
        `{ asset(id: "${sim.state.assets()[0]?.id}") { signals { data(options: {limit: 1}) { value } } } }`,
      ),
      'asset',
      'signals',
      index,
      'data',
      0,
      'value',
    );

  it('EXO-21 writes an order down; the device obeys at its next turn and reports it', async () => {
    const before = await latest(7);
    expect(await data(sim, order(7, '77.5'), 'controlSignal')).toEqual({
      timestamp: '2026-03-01T12:00:00.000000Z',
      value: 77.5,
      valueString: '77.5',
      protocol: 'data_out',
    });
    expect(await latest(7)).toBe(before);
    await sim.clock.advance(10_000);
    expect(await latest(7)).toBe(77.5);
    await data(sim, order(4, 'false'));
    await sim.clock.advance(60_000);
    expect([await latest(4), await latest(7)]).toEqual([0, 77.5]);
  });

  it('EXO-21 waits for a device that is away, and for ever for one that does not obey', async () => {
    await sim.actions.run('set-online', { device: 0, online: false });
    await data(sim, order(7, '11'));
    await sim.clock.advance(30_000);
    expect(await latest(7)).not.toBe(11);
    // What it measured while it was away is what it was before the order reached it.
    await sim.actions.run('set-online', { device: 0, online: true });
    expect(await latest(7)).not.toBe(11);
    await sim.clock.advance(10_000);
    expect(await latest(7)).toBe(11);
    await sim.actions.run('set-obedience', { device: 0, obeys: false });
    await data(sim, order(7, '22'));
    await sim.clock.advance(60_000);
    expect(await latest(7)).toBe(11);
  });

  it('EXO-21 refuses what the signal cannot take, and who may not', async () => {
    expect(await failure(order(7, '101'))).toBe('Value is out of range');
    expect(await failure(order(7, 'much'))).toBe('Value does not fit NUMERIC');
    expect(await failure(order(7, ' '))).toBe('Value does not fit NUMERIC');
    expect(await failure(order(4, 'yes'))).toBe('Value does not fit BOOLEAN');
    expect(await failure(order(0, '1'))).toBe('Signal is not a control signal');
    expect(await failure('mutation { controlSignal(signal_id: "x", value: "1") { value } }')).toBe('Signal not found');
    expect(await failure(order(7, '1'), TOKENS.viewer)).toBe('Forbidden');
    await sim.actions.run('set-control', { enabled: false });
    expect(await failure(order(7, '1'))).toBe('Device control is disabled');
  });
});

describe('ExoSense users, groups and devices', () => {
  it('EXO-21 invites a user once', async () => {
    const query = `mutation { inviteUser(email: "new@example.com", role_id: "viewer", group_ids: ["${groupId('Customer A')}"]) { id email status role { id } groups { name } } }`;
    expect(await data(sim, query, 'inviteUser')).toMatchObject({
      email: 'new@example.com',
      status: 'invited',
      role: { id: 'viewer' },
      groups: [{ name: 'Customer A' }],
    });
    expect(await failure(query)).toBe('User already exists');
    expect(await failure(query.replace('"viewer"', '"king"').replace('new@', 'x@'))).toBe('Role not found');
    expect(await failure(query.replace('new@example.com', 'nobody'))).toBe('not an e-mail address: nobody');
    const people = await data(sim, '{ users(filters: {types: ["user"]}) { email } }', 'users');
    expect(people).toEqual([{ email: 'user@example.com' }, { email: 'new@example.com' }]);
    expect(
      await data(sim, '{ users(filters: {types: ["automation"]}) { name } roles { id permissions } }'),
    ).toMatchObject({
      users: [{ name: 'admin' }, { name: 'manager' }, { name: 'viewer' }, { name: 'customerA' }],
      roles: [{ id: 'admin' }, { id: 'asset_manager' }, { id: 'viewer' }],
    });
  });

  it('EXO-21 shows groups as a tree, with what they own', async () => {
    const query = (filters: string) =>
      `{ groups(filters: ${filters}) { name parent_id children { name } assets { name } totals(recurse: true) { assets devices groups users } } }`;
    const [root] = (await data(sim, query('{text: "root"}'), 'groups')) as unknown[];
    expect(root).toMatchObject({
      parent_id: null,
      children: [{ name: 'Customer A' }, { name: 'Gebäude & Söhne GmbH' }],
      assets: [],
      totals: { assets: 12, devices: 12, groups: 7, users: 5 },
    });
    const one = await data(sim, query(`{group_id: "${groupId('Customer A')}"}`), 'groups');
    expect((one as unknown[]).map((group) => dig(group, 'name'))).toEqual(['Customer A']);
    const tree = await data(sim, query(`{group_id: "${groupId('Customer A')}", recurse: true}`), 'groups');
    expect(tree).toHaveLength(3);
    expect(await failure(`mutation { deleteGroup(id: "${groupId('Customer A')}") { id } }`)).toBe('Group is not empty');
    expect(await failure(`mutation { deleteRole(id: "viewer") { id } }`)).toBe('Role is in use');
  });

  it('EXO-21 lists devices with what they send and were told', async () => {
    const query =
      '{ devices(pagination: {limit: 1}) { id identity tags { name value } resources { name value } state { connected lastHeard } } products { pid settings { fqdn } } }';
    const answer = await data(sim, query);
    expect(dig(answer, 'devices', 0)).toMatchObject({ identity: 'pump-00001', state: { connected: true } });
    const [dataIn, configIo] = list(answer, 'devices', 0, 'resources').map((one) =>
      JSON.parse(String(dig(one, 'value'))),
    );
    expect(Object.keys(dataIn)).toEqual(['ch1', 'ch2', 'ch3', 'ch4', 'ch5', 'ch6', 'ch7', 'ch8']);
    expect(dig(configIo, 'channels', 'ch8', 'properties', 'control')).toBe(true);
    expect(dig(answer, 'products', 0, 'settings', 'fqdn')).toBe('k1pump0000000000.m2.exosite.io');
    expect(await data(sim, '{ devices(unclaimed: true) { identity } }', 'devices')).toHaveLength(2);
    const viewer = await ask(sim, '{ devices(unclaimed: true) { id } }', TOKENS.viewer);
    expect(dig(viewer.json, 'data', 'devices')).toEqual([]);
    const gone = sim.state.assets()[3]?.device?.id;
    await data(sim, `mutation { deleteDevice(id: "${gone}") { id } }`);
    expect(sim.state.assets()[3]?.device).toBeUndefined();
  });
});
