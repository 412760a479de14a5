import { describe, expect, it } from '@jest/globals';
import { type Ask, caller, stillSimulators } from '../../test/meshydb-caller.ts';
import { dig, list } from '../../test/opticloud-caller.ts';

const start = stillSimulators();

const post = (ask: Ask, path: string, body: unknown) => ask(path, { method: 'POST', body });
const put = (ask: Ask, path: string, body: unknown) => ask(path, { method: 'PUT', body });
const id = (answer: { json: unknown }) => String(dig(answer.json, 'id'));
const names = (answer: { json: unknown }) => list(answer.json, 'results').map((one) => dig(one, 'name'));

describe('MeshyDB roles', () => {
  it('MESHY-37 are created, listed, renamed and deleted', async () => {
    const { ask } = await start();
    const made = await post(ask, 'roles', { name: 'reader', description: 'reads' });
    expect(made).toMatchObject({ status: 201, json: { name: 'reader', description: 'reads', numberOfUsers: 0 } });
    expect(names(await ask('roles', { query: { name: 'READ' } }))).toEqual(['reader']);
    expect(names(await ask('roles'))).toEqual(['meshy.user', 'meshy.admin', 'reader']);
    const path = `roles/${id(made)}`;
    expect((await put(ask, path, { name: 'viewer' })).json).toMatchObject({ name: 'viewer', description: null });
    expect((await ask(path)).json).toMatchObject({ name: 'viewer' });
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(path)).status).toBe(404);
  });

  it.each(['', 'meshy.mine', 'two words', 'r2', 'reader', null])('MESHY-37 refuses the name %j', async (name) => {
    const { ask } = await start();
    await post(ask, 'roles', { name: 'reader' });
    const other = id(await post(ask, 'roles', { name: 'other' }));
    expect((await post(ask, 'roles', { name })).status).toBe(400);
    expect((await put(ask, `roles/${other}`, { name })).status).toBe(400);
  });

  it('MESHY-37 the vendor’s own stay', async () => {
    const { ask } = await start();
    const own = list((await ask('roles')).json, 'results').map((role) => `roles/${dig(role, 'id')}`);
    for (const path of own) {
      expect((await ask(path, { method: 'DELETE' })).status).toBe(400);
      expect((await put(ask, path, { name: 'mine' })).status).toBe(400);
    }
  });

  it('MESHY-38 permissions are given once, to what there is, and not to the whole and a part', async () => {
    const { ask } = await start();
    await post(ask, 'meshes/person', { a: 1 });
    const path = `roles/${id(await post(ask, 'roles', { name: 'reader' }))}/permissions`;
    const made = await post(ask, path, { permissibleName: 'meshes.person', read: 'true' });
    expect(made).toMatchObject({
      status: 201,
      json: { permissibleName: 'meshes.person', create: false, update: false, read: true, delete: false },
    });
    for (const wrong of [
      { permissibleName: 'meshes.person', read: true },
      { permissibleName: 'meshes', read: true },
      { permissibleName: 'users' },
      { permissibleName: 'nothing', read: true },
      { permissibleName: 'projections', create: true },
      { read: true },
    ])
      expect((await post(ask, path, wrong)).status).toBe(400);
    const one = `${path}/${id(made)}`;
    expect((await put(ask, one, { permissibleName: 'meshes', read: true, create: true })).json).toMatchObject({
      permissibleName: 'meshes',
      create: true,
    });
    expect((await ask(one)).json).toMatchObject({ permissibleName: 'meshes' });
    expect(dig((await ask(path, { query: { permissibleName: 'mesh' } })).json, 'totalRecords')).toBe(1);
    expect((await ask(one, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(one)).status).toBe(404);
  });

  it('MESHY-39 lists what can be permitted', async () => {
    const { ask } = await start();
    await post(ask, 'meshes/person', { a: 1 });
    const answer = await ask('permissibles', { query: { name: 'mesh' } });
    expect(answer.json).toMatchObject({
      results: [
        { name: 'meshes', canCreate: true },
        { name: 'meshes.person', canDelete: true },
      ],
      totalRecords: 2,
    });
  });

  it('MESHY-40 members come and go; anonymous users cannot be one', async () => {
    const { ask } = await start();
    const path = `roles/${id(await post(ask, 'roles', { name: 'reader' }))}`;
    const [operator, anonymous] = list((await ask('users')).json, 'results').map((user) => ({ id: dig(user, 'id') }));
    expect((await post(ask, `${path}/users`, { users: [operator] })).status).toBe(204);
    expect((await ask('users/me')).json).toMatchObject({ roles: [{ name: 'reader', addedDate: expect.any(String) }] });
    expect((await ask(path)).json).toMatchObject({ numberOfUsers: 1 });
    expect((await ask('users', { query: { roleId: path.slice(6) } })).json).toMatchObject({ totalRecords: 1 });
    expect((await post(ask, `${path}/users`, { users: [anonymous] })).status).toBe(400);
    expect((await post(ask, `${path}/users`, { users: [{ id: 'nobody' }] })).status).toBe(404);
    expect((await ask(`${path}/users`, { method: 'DELETE', body: { users: [operator] } })).status).toBe(204);
    expect((await ask('users/me')).json).toMatchObject({ roles: [] });
  });
});

describe('MeshyDB permissions', () => {
  it('are asked for where roles are switched on, and count from the next log-in', async () => {
    const { sim, ask } = await start({ roles: true });
    const anonymousLogIn = { username: 'mctesterton', password: 'nopassword' };
    const before = await caller(sim, anonymousLogIn);
    expect((await post(before, 'meshes/person', { a: 1 })).status).toBe(201);
    const refused = await before('roles');
    expect([refused.status, dig(refused.json, 'message')]).toEqual([403, 'Insufficient permission.']);
    expect((await before('users')).status).toBe(403);
    const everybody = list((await ask('roles')).json, 'results').find((role) => dig(role, 'name') === 'meshy.user');
    const path = `roles/${dig(everybody, 'id')}/permissions`;
    const onMeshes = list((await ask(path)).json, 'results').find((one) => dig(one, 'permissibleName') === 'meshes');
    await put(ask, `${path}/${dig(onMeshes, 'id')}`, { permissibleName: 'meshes.person', read: true });
    expect((await post(before, 'meshes/person', { a: 2 })).status).toBe(201);
    const after = await caller(sim, anonymousLogIn);
    expect((await after('meshes/person')).status).toBe(200);
    expect((await post(after, 'meshes/person', { a: 3 })).status).toBe(403);
    expect((await after('meshes/other')).status).toBe(403);
    expect((await after('users/me')).status).toBe(200);
  });

  it('are never asked for otherwise', async () => {
    const { sim } = await start();
    const anonymous = await caller(sim, { username: 'mctesterton', password: 'nopassword' });
    expect((await anonymous('roles')).status).toBe(200);
  });
});
