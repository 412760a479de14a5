import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { caller, makeWorld, PUBLIC_URL, type Seeded, seed, type World } from './world/world.ts';

let world: World;
let ids: Seeded;
let call: ReturnType<typeof caller>;
let oauth: string;

const CODE = 'canary-of-a-code';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

beforeAll(async () => {
  world = await makeWorld({ failures: 12 });
  call = caller(world, await world.key('default'));
  ids = await seed(world, 'default');
  oauth = `/v1/connections/${ids.connectionId}/oauth`;
});
afterAll(async () => {
  await world.close();
});

const owner = () => ({ workspace: 'default', connectionId: ids.connectionId });
const asked = (name: string) => world.platform.asked.findLast((each) => each.name === name)?.payload as Asked;
interface Asked {
  state: string;
  nonce: string;
  redirectUri: string;
  sealed: string;
  sealedCode: string;
}

/** Begins one, and gives its state. */
async function begin(): Promise<string> {
  const answer = await call('GET', `${oauth}/authorize`);
  expect(answer.statusCode).toBe(200);
  return asked('login.begin').state;
}

const comeBack = (query: Record<string, string>, accept?: string, at = oauth) =>
  world.fastify.inject({
    url: `${at}/callback?${new URLSearchParams(query)}`,
    ...(accept === undefined ? {} : { headers: { accept } }),
  });

/** What the platform makes of a code. */
const grants = (credentials: Record<string, string>) => {
  world.platform.handlers['login.finish'] = async ({ sealedCode }) => {
    expect(world.house.vault.open(sealedCode, owner())).toEqual({ code: CODE });
    return { sealedCredentials: world.house.vault.seal(credentials, owner()), account: 'ada@example.com' };
  };
};
const stored = async () => {
  const { rows } = await world.db.pool.query('select credentials, version from connection where id = $1', [
    ids.connectionId,
  ]);
  return { credentials: world.house.vault.open(rows[0].credentials, owner()), version: rows[0].version as number };
};

describe("a user's own log-in", () => {
  it('is begun as JSON, or as a redirect for whoever prefers a page', async () => {
    const json = await call('GET', `${oauth}/authorize`);
    const { state, nonce, redirectUri } = asked('login.begin');
    expect(json.json()).toEqual({ url: `https://login.acme.example/?state=${state}`, expiresAt: expect.any(String) });
    const leftMs = Date.parse(json.json().expiresAt) - Date.now();
    expect(leftMs).toBeGreaterThan(300_000);
    expect(leftMs).toBeLessThanOrEqual(601_000);
    expect(redirectUri).toBe(`${PUBLIC_URL}${oauth}/callback`);
    expect(new Set([state, nonce]).size).toBe(2);
    expect(state).toMatch(/^[\w-]{43}$/);
    const redirect = await call('GET', `${oauth}/authorize`, undefined, { accept: BROWSER });
    expect(redirect.statusCode).toBe(302);
    expect(redirect.headers.location).toBe(`https://login.acme.example/?state=${asked('login.begin').state}`);
    expect((await call('GET', `${oauth}/authorize`, undefined, { accept: 'image/png' })).statusCode).toBe(406);
  });

  it('replaces the credentials of the connection, once; what is secret is sealed wherever it goes', async () => {
    const before = await stored();
    const state = await begin();
    const { nonce, redirectUri } = asked('login.begin');
    grants({ user: 'ada', password: 'a-new-password' });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => comeBack({ code: CODE, state, session_state: 'x', iss: 'https://acme.example' })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 400, 400, 400, 400]);
    expect(asked('login.finish')).toMatchObject({ nonce, redirectUri, sealed: 'carry' });
    const after = await stored();
    expect(after).toEqual({ credentials: { user: 'ada', password: 'a-new-password' }, version: before.version + 1 });
    const read = (await call('GET', `/v1/connections/${ids.connectionId}`)).json();
    expect(read.credentials.fingerprint).not.toBe('fp');
    const { items } = (await call('GET', '/v1/audit-log?limit=1000')).json();
    const entry = items.find(({ action }: { action: string }) => action === 'connection.logged-in');
    expect(entry).toMatchObject({ actor: expect.stringMatching(/^key_/), target: ids.connectionId });
    expect(JSON.stringify([world.platform.asked, items])).not.toMatch(new RegExp(`${CODE}|a-new-password`));
  });

  it('ends in a page that repeats nothing, frames nowhere and sends its address to nobody', async () => {
    const state = await begin();
    grants({ user: 'ada', password: 'another-password' });
    const good = await comeBack({ code: CODE, state }, BROWSER);
    expect([good.statusCode, good.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const bad = await comeBack({ error: '<script>alert(1)</script>', state: await begin() }, BROWSER);
    expect(bad.statusCode).toBe(422);
    const denied = await comeBack({ error: 'access_denied', state: await begin() }, BROWSER);
    expect(denied.body).toContain('access_denied');
    for (const { headers, body } of [good, bad, denied]) {
      expect(body).not.toMatch(/<script|alert|canary/);
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
    }
    expect((await stored()).credentials.password).toBe('another-password');
  });

  it('is left alone by whoever only looks', async () => {
    const state = await begin();
    grants({ user: 'ada', password: 'after-a-preview' });
    const url = `${oauth}/callback?${new URLSearchParams({ code: CODE, state })}`;
    expect((await world.fastify.inject({ method: 'HEAD', url })).statusCode).toBe(200);
    expect((await comeBack({ code: CODE, state })).statusCode).toBe(200);
  });

  it('changes nothing where the platform refuses, or gives what does not fit', async () => {
    const before = await stored();
    const usual = world.platform.handlers['login.finish'];
    const outcome = async () => (await comeBack({ code: CODE, state: await begin() })).json();
    grants({ user: 'ada', password: 'short' });
    expect(await outcome()).toMatchObject({ status: 502, code: 'platform-malformed-response' });
    world.platform.handlers['login.finish'] = async () => ({ sealedCredentials: 'v1.k1.garbage' });
    expect(await outcome()).toMatchObject({ status: 502, code: 'platform-malformed-response' });
    if (usual) world.platform.handlers['login.finish'] = usual;
    expect(await stored()).toEqual(before);
    world.platform.handlers['login.begin'] = async () => ({ url: 'javascript:alert(1)', sealed: 'x' });
    expect((await call('GET', `${oauth}/authorize`)).json()).toMatchObject({ status: 502 });
  });

  it('needs the state of a log-in that waits, at its own connection; guesses end in 429', async () => {
    world.platform.handlers['login.begin'] = async () => ({ url: 'https://login.acme.example/', sealed: 'x' });
    const other = await seed(world, 'other');
    const state = await begin();
    const elsewhere = await comeBack({ code: CODE, state }, undefined, `/v1/connections/${other.connectionId}/oauth`);
    expect(elsewhere.json()).toMatchObject({ status: 400, errors: [{ pointer: '/query/state' }] });
    await world.db.pool.query('update pending_login set expires_at = now()');
    expect((await comeBack({ code: CODE, state })).statusCode).toBe(400);
    expect((await comeBack({ state })).json()).toMatchObject({ status: 400, errors: [{ pointer: '/query/code' }] });
    const stranger = caller(world, await world.key('stranger'));
    expect((await stranger('GET', `${oauth}/authorize`)).statusCode).toBe(404);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await comeBack({ code: CODE, state: `guess-${n}` })).statusCode);
    expect(statuses.at(-1)).toBe(429);
  });
});
