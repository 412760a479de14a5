import { generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OCTOMESH_CLIENTS, OCTOMESH_USERS } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { signIn } from './browser.ts';
import { type Connected, failureOf, never, type Rig, startRig } from './rig.ts';

jest.setTimeout(60_000);

const redirectUri = 'http://127.0.0.1:4999/v1/oauth/callback';
const asked = { redirectUri, state: 'state-of-sixteen-letters', nonce: 'nonce-of-sixteen-letters' };

let rig: Rig;

beforeAll(async () => {
  rig = await startRig({ historyMs: 0, producing: false, otherDevices: 2 });
});
afterEach(() => {
  rig.simulator.faults.clear();
});
afterAll(() => rig.stop());

/** A log-in up to the moment where the browser is back. */
async function comeBack({ adapter }: Connected, person = OCTOMESH_USERS.operator) {
  const begun = await adapter.login?.begin(asked, never);
  const back = await signIn(begun?.url ?? '', person);
  return { begun, back, answer: { redirectUri, code: back.code ?? '', nonce: asked.nonce, carry: begun?.carry ?? {} } };
}

const client = (credentials: Record<string, string>, settings = {}) => rig.connect({ credentials, settings });
const application = { clientId: OCTOMESH_CLIENTS.application.id };

describe("a client's own log-in", () => {
  it('OCTO-03 is quiet: one for many callers, and one renewal after tokens were refused', async () => {
    const { adapter } = rig.connect();
    const position = rig.simulator.journal.position;
    await Promise.all(Array.from({ length: 8 }, () => adapter.probe(never)));
    expect(rig.simulator.journal.count({ after: position, operation: 'OCTO-03' })).toBe(1);
    rig.simulator.faults.expireTokens();
    await Promise.all(Array.from({ length: 8 }, () => adapter.probe(never)));
    expect(rig.simulator.journal.count({ after: position, operation: 'OCTO-03' })).toBe(2);
  });

  it('names what is refused, and no secret', async () => {
    const wrong = client({ clientId: 'my-service', clientSecret: 'hunter2-hunter2' });
    const error = await failureOf(wrong.adapter.probe(never));
    expect(error).toMatchObject({ code: 'authentication', platformCode: 'invalid_client' });
    const unscoped = client(rig.simulator.demoConnection.credentials, { scope: 'nothing_of_that_name' });
    expect(await failureOf(unscoped.adapter.probe(never))).toMatchObject({ platformCode: 'invalid_scope' });
    expect(await failureOf(client({ clientId: 'my-service' }).adapter.probe(never))).toMatchObject({
      code: 'authentication',
      message: expect.stringContaining('log in'),
    });
    const shown = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;
    expect(shown).not.toContain('hunter2');
  });

  it('is unauthorized when the client is revoked, and asks no more for a while', async () => {
    const revoked = client({ clientId: 'other-service', clientSecret: 'other-secret' });
    await revoked.adapter.probe(never);
    await rig.simulator.actions.run('revoke-client', { clientId: 'other-service' });
    const position = rig.simulator.journal.position;
    for (let n = 0; n < 5; n++) {
      expect(await failureOf(revoked.adapter.probe(never))).toMatchObject({ code: 'authentication' });
    }
    expect(rig.simulator.journal.count({ after: position, operation: 'OCTO-03' })).toBe(1);
    await rig.simulator.actions.run('revoke-client', { clientId: 'other-service', revoked: false });
  });
});

describe("a user's own log-in", () => {
  it('OCTO-01 OCTO-02 leads through the tenant’s page to credentials that last', async () => {
    const waiting = client(application);
    const { begun, back, answer } = await comeBack(waiting);
    const url = new URL(begun?.url ?? '');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      acr_values: 'tenant:my-tenant',
      code_challenge_method: 'S256',
      state: asked.state,
      nonce: asked.nonce,
    });
    expect(begun?.url).not.toContain(begun?.carry.verifier);
    expect(back.state).toBe(asked.state);
    const finished = await waiting.adapter.login?.finish(answer, never);
    expect(finished?.account).toBe(OCTOMESH_USERS.operator.username);
    expect(Object.keys(finished?.credentials ?? {})).toEqual(['clientId', 'refreshToken']);
    const { adapter } = client(finished?.credentials ?? {});
    await adapter.probe(never);
    // Each refresh gives the next refresh token; the one before is good no more.
    for (let round = 0; round < 3; round++) {
      rig.simulator.faults.expireTokens();
      await adapter.probe(never);
    }
    expect(rig.simulator.journal.count({ operation: 'OCTO-02-REFRESH', status: 200 })).toBeGreaterThanOrEqual(3);
  });

  it('without a refresh token it lasts as long as its token, and says so', async () => {
    const { id, secret } = OCTOMESH_CLIENTS.confidential;
    const scope = 'openid profile email role octo_api';
    const waiting = client({ clientId: id, clientSecret: secret }, { login: { scope } });
    const finished = await waiting.adapter.login?.finish((await comeBack(waiting)).answer, never);
    expect(Object.keys(finished?.credentials ?? {})).toEqual([
      'clientId',
      'clientSecret',
      'accessToken',
      'accessTokenExpiresAt',
    ]);
    const { adapter } = client(finished?.credentials ?? {});
    await adapter.probe(never);
    rig.simulator.faults.expireTokens();
    expect(await failureOf(adapter.probe(never))).toMatchObject({
      code: 'authentication',
      message: expect.stringContaining('log in again'),
    });
  });

  it('refuses a code that is used twice, another nonce, another verifier and another redirect address', async () => {
    const waiting = client(application);
    const good = (await comeBack(waiting)).answer;
    await waiting.adapter.login?.finish(good, never);
    const wrong = [
      () => Promise.resolve(good),
      async () => ({ ...(await comeBack(waiting)).answer, nonce: 'another-nonce-of-it' }),
      async () => ({ ...(await comeBack(waiting)).answer, carry: { verifier: 'x'.repeat(43) } }),
      async () => ({ ...(await comeBack(waiting)).answer, redirectUri: `${redirectUri}/other` }),
      async () => ({ ...(await comeBack(waiting)).answer, carry: {} }),
    ];
    for (const answerOf of wrong) {
      const answer = await answerOf();
      expect(await failureOf(waiting.adapter.login?.finish(answer, never) ?? Promise.resolve())).toMatchObject({
        code: 'authentication',
      });
    }
  });

  it('refuses an ID token with the signature of somebody else, whatever it says', async () => {
    const waiting = client(application);
    const { answer } = await comeBack(waiting);
    const value = await forgedToken(rig.simulator.identityUrl);
    rig.simulator.faults.add({ kind: 'rewrite', changes: [{ pointer: '/id_token', value }] }, { operation: 'OCTO-02' });
    expect(await failureOf(waiting.adapter.login?.finish(answer, never) ?? Promise.resolve())).toMatchObject({
      code: 'authentication',
      message: expect.stringContaining('not one for this log-in'),
    });
  });

  it('keeps a user of one tenant out of another: 403', async () => {
    const waiting = client(application);
    const finished = await waiting.adapter.login?.finish((await comeBack(waiting)).answer, never);
    const elsewhere = client(finished?.credentials ?? {}, { tenantId: 'other-tenant' });
    expect(await failureOf(elsewhere.adapter.probe(never))).toMatchObject({
      code: 'permission-denied',
      platformStatus: 403,
    });
    const nowhere = rig.connect({ settings: { tenantId: 'no-such/../tenant'.replaceAll('/', '') } });
    expect(await failureOf(nowhere.adapter.probe(never))).toMatchObject({ code: 'not-found', platformStatus: 404 });
  });

  it('goes to no address but the identity service’s own', async () => {
    const pointer = '/token_endpoint';
    rig.simulator.faults.add(
      { kind: 'rewrite', changes: [{ pointer, value: 'http://127.0.0.1:1/steal' }] },
      { operation: 'OCTO-DISCOVERY' },
    );
    const waiting = client(application);
    const { answer } = await comeBack(waiting);
    expect(await failureOf(waiting.adapter.login?.finish(answer, never) ?? Promise.resolve())).toMatchObject({
      code: 'malformed-response',
    });
  });

  it('an identity service that is away is told as such', async () => {
    const outage = rig.simulator.faults.outage('refuse');
    expect(await failureOf(client(application).adapter.login?.begin(asked, never) ?? Promise.resolve())).toMatchObject({
      code: 'unavailable',
    });
    rig.simulator.faults.clear(outage);
    await eventually('it is back', async () => (await failureOf(rig.connect().adapter.probe(never))) === undefined);
  });
});

/** Everything about it is right, but for who has signed it. */
async function forgedToken(identityUrl: string): Promise<string> {
  const keys = (await (await fetch(`${identityUrl}/.well-known/openid-configuration/jwks`)).json()) as {
    keys: { kid: string }[];
  };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const iat = Math.floor(Date.now() / 1_000);
  const parts = [
    { alg: 'RS256', typ: 'JWT', kid: keys.keys[0]?.kid },
    { iss: `${identityUrl}/`, aud: application.clientId, sub: 'somebody', nonce: asked.nonce, iat, exp: iat + 300 },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}
