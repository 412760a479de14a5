import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Caller, call, dig, list, postJson, startQuiet } from '../../test/opticloud-caller.ts';
import { TENANT_NAMES, USERS } from './accounts.ts';
import type { OpticloudSimulator } from './server.ts';

let sim: OpticloudSimulator;
beforeEach(async () => {
  sim = await startQuiet();
});
afterEach(() => sim.stop());

const authorize = (user: object) => postJson(`${sim.url}/api/noauth/authorization`, user);
const logIn = (body: object) => postJson(`${sim.url}/api/auth/login`, body);
const devicesOf = (headers: Record<string, string>, tenantId: string) =>
  call(`${sim.url}/api/tenants/${tenantId}/devices?page=0&limit=-1`, { headers });

describe('optiCLOUD log-in', () => {
  it('OPTI-01 lists an entry without a tenant and two tenants for the multi-tenant user', async () => {
    const entries = list((await authorize(USERS.multi)).json);
    expect(entries.map((entry) => dig(entry, 'tenant', 'name'))).toEqual([
      undefined,
      TENANT_NAMES.main,
      TENANT_NAMES.other,
    ]);
    expect(entries[0]).not.toHaveProperty('tenant');
    for (const entry of entries) expect(dig(entry, 'authorityId', 'id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('OPTI-01 lists one tenant for the simple user', async () => {
    const entries = list((await authorize(USERS.single)).json);
    expect(entries.map((entry) => dig(entry, 'tenant', 'name'))).toEqual([TENANT_NAMES.main]);
  });

  it('OPTI-01 answers a wrong password with 401 and error code 10', async () => {
    for (const user of [
      { ...USERS.multi, password: 'x' },
      { username: 'nobody', password: 'secret' },
    ]) {
      const answer = await authorize(user);
      expect(answer.status).toBe(401);
      expect(answer.json).toEqual({
        status: 401,
        errorCode: 10,
        message: 'Invalid username or password',
        timestamp: sim.clock.now(),
      });
    }
    expect((await authorize(USERS.inactive)).json).toMatchObject({
      errorCode: 10,
      message: 'User account is not active',
    });
    expect((await authorize({ username: 'a' })).status).toBe(400);
  });

  it('OPTI-02 needs the authority of one of the tenants when the user has several', async () => {
    expect((await logIn(USERS.multi)).status).toBe(400);
    expect((await logIn({ ...USERS.multi, authorityId: 'unknown' })).status).toBe(401);
    const foreign = dig((await authorize(USERS.other)).json, 0, 'authorityId', 'id');
    expect((await logIn({ ...USERS.multi, authorityId: foreign })).status).toBe(401);
    const own = dig((await authorize(USERS.multi)).json, 1, 'authorityId', 'id');
    expect((await logIn({ ...USERS.multi, password: 'x', authorityId: own })).status).toBe(401);
    expect((await logIn({ ...USERS.multi, authorityId: own })).status).toBe(200);
  });

  it('OPTI-02 takes a single-tenant user without an authority, and binds the token to the tenant', async () => {
    const answer = await logIn(USERS.single);
    expect(answer.status).toBe(200);
    const claims = JSON.parse(
      Buffer.from(String(dig(answer.json, 'token')).split('.')[1] ?? '', 'base64url').toString(),
    );
    expect(claims).toMatchObject({ sub: USERS.single.username, tenantId: sim.state.tenants.main.id });
  });
});

describe('optiCLOUD tokens', () => {
  it('OPTI-03 reads the token from X-Authorization with the word Bearer, and from nowhere else', async () => {
    const user = await Caller.logIn(sim, USERS.multi);
    const token = user.headers['X-Authorization'] ?? '';
    expect((await devicesOf({ 'X-Authorization': token }, user.tenantId)).status).toBe(200);
    const refused: Array<Record<string, string>> = [
      {},
      { Authorization: token },
      { 'X-Authorization': token.slice('Bearer '.length) },
      { 'X-Authorization': 'Bearer x.y.z' },
      { 'X-Authorization': `${token}x` },
    ];
    for (const headers of refused) {
      const answer = await devicesOf(headers, user.tenantId);
      expect(answer.json).toMatchObject({ status: 401, errorCode: 10 });
    }
  });

  it('OPTI-03 answers an expired token with error code 11; its life can be seconds', async () => {
    await sim.stop();
    sim = await startQuiet({ tokenLifeMs: 5_000 });
    const user = await Caller.logIn(sim, USERS.multi);
    await sim.clock.advance(4_000);
    expect((await devicesOf(user.headers, user.tenantId)).status).toBe(200);
    await sim.clock.advance(1_000);
    expect((await devicesOf(user.headers, user.tenantId)).json).toMatchObject({ status: 401, errorCode: 11 });
  });

  it('OPTI-03 expires all tokens at once when told to, and takes new ones', async () => {
    const user = await Caller.logIn(sim, USERS.multi);
    sim.faults.expireTokens();
    expect((await devicesOf(user.headers, user.tenantId)).json).toMatchObject({ status: 401, errorCode: 11 });
    const again = await Caller.logIn(sim, USERS.multi);
    expect((await devicesOf(again.headers, again.tenantId)).status).toBe(200);
  });

  it('OPTI-03 refuses the token of one tenant on the device of another with 403 and error code 20', async () => {
    const stranger = await Caller.logIn(sim, USERS.other, TENANT_NAMES.other);
    const device = sim.state.devices(sim.state.tenants.main.id)[0];
    const paths = [
      `/api/plugins/telemetry/DEVICE/${device?.id}/values/timeseries`,
      `/api/device/${device?.id}/credentials`,
      `/api/devices/${device?.id}/data-files/original?startTime=0&endTime=1`,
      `/api/devices/${device?.id}/communication/data?startTime=0&endTime=1&limit=1&page=0`,
    ];
    for (const path of paths) expect((await stranger.get(path)).json).toMatchObject({ status: 403, errorCode: 20 });
  });

  it('OPTI-02 refreshes once per refresh token', async () => {
    const pair = (await logIn(USERS.single)).json;
    const refresh = (refreshToken: unknown) => postJson(`${sim.url}/api/auth/token`, { refreshToken });
    const fresh = await refresh(dig(pair, 'refreshToken'));
    expect(fresh.status).toBe(200);
    const headers = { 'X-Authorization': `Bearer ${dig(fresh.json, 'token')}` };
    expect((await devicesOf(headers, sim.state.tenants.main.id)).status).toBe(200);
    expect((await refresh(dig(pair, 'refreshToken'))).status).toBe(401);
    expect((await refresh(dig(fresh.json, 'token'))).status).toBe(401);
    sim.clock.shift(7 * 24 * 3_600_000 + 1_000);
    expect((await refresh(dig(fresh.json, 'refreshToken'))).json).toMatchObject({ status: 401, errorCode: 11 });
  });

  it('OPTI-15 describes its paths to users for whom that is enabled', async () => {
    const [admin, other] = [await Caller.logIn(sim, USERS.multi), await Caller.logIn(sim, USERS.single)];
    const description = (await admin.get('/v3/api-docs')).json;
    expect(dig(description, 'paths', '/api/tenants/{tenantId}/devices', 'get', 'operationId')).toBe('OPTI-04');
    expect((await other.get('/v3/api-docs')).status).toBe(403);
  });
});
