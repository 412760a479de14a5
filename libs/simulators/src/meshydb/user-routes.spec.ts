import { describe, expect, it } from '@jest/globals';
import { stillSimulators } from '../../test/meshydb-caller.ts';
import { call } from '../../test/opticloud-caller.ts';
import type { MeshydbSimulator } from '../index.ts';

const start = stillSimulators();

const exists = (sim: MeshydbSimulator, name: string, account = 'acme') =>
  call(`${sim.url}/${account}/users/${name}/exists`);
const register = (sim: MeshydbSimulator, body: unknown) =>
  call(`${sim.url}/acme/users/register/anonymous`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('MeshyDB users', () => {
  it('MESHY-01 answers 201 whether a name is taken or not', async () => {
    const { sim } = await start();
    expect(await exists(sim, 'mctesterton')).toMatchObject({ status: 201, json: { exists: true } });
    const free = await exists(sim, 'some%20body');
    expect(free).toMatchObject({ status: 201, json: { exists: false } });
    expect(free.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('MESHY-01 refuses a blank name, and an unknown account is not there', async () => {
    const { sim } = await start();
    expect(await exists(sim, '%20')).toMatchObject({ status: 400, json: { message: 'Username is required.' } });
    expect(await exists(sim, '')).toMatchObject({ status: 400, json: { message: 'Username is required.' } });
    expect((await exists(sim, 'mctesterton', 'nobody')).status).toBe(404);
  });

  it('MESHY-02 registers as on the page, member for member', async () => {
    const { sim } = await start();
    const answer = await register(sim, { username: 'lamp-7' });
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      username: 'lamp-7',
      firstName: null,
      lastName: null,
      verified: false,
      isActive: true,
      phoneNumber: null,
      emailAddress: null,
      roles: [],
      securityQuestions: [],
      anonymous: true,
    });
    expect((await exists(sim, 'lamp-7')).json).toEqual({ exists: true });
  });

  it('MESHY-01 looks at the case of names, not at that of paths', async () => {
    const { sim } = await start();
    await register(sim, { username: 'Lamp-A' });
    expect((await call(`${sim.url}/acme/USERS/Lamp-A/Exists`)).json).toEqual({ exists: true });
    expect((await exists(sim, 'lamp-a')).json).toEqual({ exists: false });
  });

  it('MESHY-02 refuses what has no name, a name that is taken, and everybody when it is switched off', async () => {
    const { sim } = await start();
    expect((await register(sim, {})).json).toEqual({ message: 'Username is a required field.' });
    for (const body of [{ username: ' ' }, { username: null }, { username: 7 }, [], 'x'])
      expect((await register(sim, body)).status).toBe(400);
    expect(await register(sim, { username: 'mctesterton' })).toMatchObject({
      status: 400,
      json: { message: 'Username must be unique.' },
    });
    await sim.actions.run('anonymous-registration', { enabled: false });
    expect((await register(sim, { username: 'lamp-8' })).status).toBe(400);
    expect((await exists(sim, 'lamp-8')).json).toEqual({ exists: false });
  });

  it('MESHY-05 answers the caller', async () => {
    const { ask } = await start();
    expect(await ask('users/me')).toMatchObject({
      status: 200,
      json: { username: 'operator', anonymous: false, isActive: true, firstName: null },
    });
  });
});
