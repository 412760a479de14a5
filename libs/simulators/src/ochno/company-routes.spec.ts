import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OchnoCaller, START, startQuiet } from '../../test/ochno-caller.ts';
import { COMPANY_IDS, USERS } from './accounts.ts';
import type { OchnoSimulator } from './server.ts';

jest.setTimeout(60_000);

const { owner, tenant, foreign } = COMPANY_IDS;
let sim: OchnoSimulator;
let user: OchnoCaller;
beforeEach(async () => {
  sim = await startQuiet();
  user = await OchnoCaller.logIn(sim);
});
afterEach(() => sim.stop());

const replace = (id: string, body: unknown) => user.put(`/api/companies/${id}`, body);

describe('companies', () => {
  it('OCHNO-03 lists what the user sees, as a bare array, optional members absent', async () => {
    expect((await user.get('/api/companies')).json).toEqual([
      {
        id: owner,
        name: 'Ochno',
        type: 'Building Owner',
        logotype: 'https://ochno.com/logotype.png',
        website: 'https://ochno.com/',
      },
      { id: tenant, name: 'Goople', type: 'Building Tenant' },
    ]);
    const other = await OchnoCaller.logIn(sim, USERS.foreign);
    expect((await other.get('/api/companies')).json).toMatchObject([{ id: foreign }]);
  });

  it('OCHNO-03 answers one company', async () => {
    expect((await user.get(`/api/companies/${tenant}`)).json).toMatchObject({ name: 'Goople' });
    expect((await user.get(`/api/companies/${foreign}`)).status).toBe(403);
    expect((await user.get('/api/companies/nothing')).status).toBe(404);
  });

  it("OCHNO-04 AMB-1 does what the document's example does", async () => {
    const answer = await replace(tenant, { name: 'Goodle', type: 'Building Tenant' });
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        id: tenant,
        name: 'Goodle',
        type: 'Building Tenant',
        logotype: 'https://example.com/logotype.png',
        website: 'https://example.com/',
      },
    ]);
    expect((await user.get(`/api/companies/${tenant}`)).json).toEqual(answer.json);
  });

  it('OCHNO-04 keeps members that are not sent, and the id', async () => {
    const answer = await replace(owner, { id: 'hijacked', name: 'Ochno AB', type: 'Building Owner' });
    expect(answer.json).toMatchObject({ id: owner, name: 'Ochno AB', website: 'https://ochno.com/' });
    expect((await user.get('/api/companies/hijacked')).status).toBe(404);
  });

  it('OCHNO-04 refuses a misspelt id, missing data and a user without the right', async () => {
    const whole = { name: 'Goodle', type: 'Building Tenant' };
    expect((await replace('r2d2i5b44', whole)).status).toBe(404);
    for (const part of [{ name: 'Goodle' }, { type: 'Building Tenant' }, { ...whole, name: '' }, [], 'text', null]) {
      expect(await replace(tenant, part)).toMatchObject({ status: 400, json: { message: expect.any(String) } });
    }
    expect((await replace(foreign, whole)).status).toBe(403);
    const viewer = await OchnoCaller.logIn(sim, USERS.viewer);
    expect((await viewer.put(`/api/companies/${tenant}`, whole)).status).toBe(403);
    expect((await user.get(`/api/companies/${tenant}`)).json).toMatchObject({ name: 'Goople' });
  });
});

describe('access to a stream', () => {
  it('OCHNO-05 is six texts, good for an hour, with the port in the host', async () => {
    const access = await user.iotAccess(tenant);
    expect(access).toEqual({
      accessKeyId: expect.any(String),
      secretKey: expect.any(String),
      sessionToken: expect.any(String),
      expiration: new Date(START + 3_600_000).toISOString(),
      region: 'eu-west-1',
      host: expect.stringMatching(/^localhost:\d+$/),
    });
    expect(sim.mqttUrl).toBe(`wss://${access.host}/mqtt`);
  });

  it('OCHNO-05 is fresh at each call', async () => {
    const [one, other] = [await user.iotAccess(tenant), await user.iotAccess(tenant)];
    for (const name of ['accessKeyId', 'secretKey', 'sessionToken'] as const) expect(one[name]).not.toBe(other[name]);
  });

  it('OCHNO-05 is refused for companies of others, unknown ones, and with a dead token', async () => {
    const status = async (id: string) => (await user.get(`/api/companies/${id}/iotAccess`)).status;
    expect([await status(foreign), await status('nothing')]).toEqual([403, 404]);
    await sim.actions.run('set-permission', { email: USERS.demo.email, company: owner, stream: false });
    expect([await status(owner), await status(tenant)]).toEqual([403, 200]);
    sim.faults.expireTokens();
    expect(await status(tenant)).toBe(401);
  });

  it('OCHNO-05 lives as long as it is told to', async () => {
    await sim.actions.run('credential-life', { ms: 20_000 });
    expect((await user.iotAccess(tenant)).expiration).toBe(new Date(START + 20_000).toISOString());
  });
});

it('OCHNO-05 AMB-4 can also say how to connect', async () => {
  await sim.stop();
  sim = await startQuiet({ extendedIotAccess: true, iotHost: 'proxy.example:8443' });
  const access = await (await OchnoCaller.logIn(sim)).iotAccess(tenant);
  expect(access).toMatchObject({ protocol: 'wss', clientId: expect.any(String), host: 'proxy.example:8443' });
});
