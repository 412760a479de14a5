import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Scope, scopes } from '@tributary/contracts';
import type { LightMyRequestResponse } from 'fastify';
import type { EndpointSpec } from '../src/http/endpoint-spec.ts';
import { mountedEndpoints } from '../src/openapi/mounted-endpoints.ts';
import { expectProblem } from './world/expect-problem.ts';
import { GoodRequests } from './world/good-requests.ts';
import { type LocalIssuer, localIssuer } from './world/local-issuer.ts';

/**
 * Every route of the table is asked by everybody who may not. A new route is scanned by itself; a path parameter that is
 * new must be known in world/known-values.ts.
 */
const { specs } = mountedEndpoints();
const guarded = specs.filter(({ scope }) => scope !== 'public');
const table = (some: readonly EndpointSpec[]) => some.map((spec) => [`${spec.method} ${spec.path}`, spec] as const);

/** Routes that show every workspace the same. */
const OF_NOBODY = new Set(['listPlatforms', 'getPlatform']);
/** Ends only when the caller goes. */
const ENDLESS = 'streamEvents';
/** Whatever stands in the seeded workspace and in no request. */
const ITS_WORDS = ['Seeded', 'Boiler Öst', 'Head office', 'canary-password', 'acme.example', 'not json', 'a.osf'];

let issuer: LocalIssuer;
let requests: GoodRequests;
beforeAll(async () => {
  issuer = await localIssuer();
  requests = await GoodRequests.make({ oidc: issuer.verifier });
});
afterAll(async () => {
  await requests.world.close();
});

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('a caller without credentials that hold', () => {
  const refused: [what: string, authorization: () => Promise<string | undefined>][] = [
    ['none', async () => undefined],
    ['an empty header', async () => ''],
    ['basic authentication', async () => 'Basic eDp5'],
    ['garbage', async () => 'Bearer garbage'],
    ['a key that never was', async () => `Bearer trb_${'a'.repeat(26)}_${'b'.repeat(52)}`],
    ['a key with another secret', async () => `Bearer ${(await requests.world.key('default')).slice(0, -8)}aaaaaaaa`],
    ['a key that has expired', async () => `Bearer ${(await made({ expiresAt: new Date(0) })).token}`],
    ['a key that was revoked', revoked],
    ['the secret that a key had before', replaced],
    ['a token that has expired', async () => `Bearer ${await issuer.token({ workspace: 'default', exp: 1_000 })}`],
    ['a token of tomorrow', async () => `Bearer ${await issuer.token({ workspace: 'default', nbf: 4_000_000_000 })}`],
    ['a token with a forged signature', async () => `Bearer ${await issuer.forged({ workspace: 'default' })}`],
    ['a token for somebody else', async () => `Bearer ${await issuer.token({ workspace: 'default', aud: 'other' })}`],
    ['a token without a workspace', async () => `Bearer ${await issuer.token({})}`],
    ['a token without a signature', unsigned],
  ];

  it.each(refused)('is told nothing but that, at every route: %s', async (_, authorizationOf) => {
    const authorization = await authorizationOf();
    for (const spec of guarded) {
      const answer = await requests.ask(spec, { headers: { authorization } });
      expectProblem(answer, spec.name);
      expect({ route: spec.name, status: answer.statusCode }).toEqual({ route: spec.name, status: 401 });
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expectNoWordOfIt(answer);
    }
  });

  const made = (more: { expiresAt?: Date } = {}) =>
    requests.world.house.keys.create({ workspace: 'default', name: 'late', scopes, ...more });

  async function revoked(): Promise<string> {
    const { id, token } = await made();
    await requests.world.house.keys.revoke('default', id);
    return `Bearer ${token}`;
  }

  async function replaced(): Promise<string> {
    const { id, token } = await made();
    await requests.world.house.keys.rotate({ workspace: 'default', id, overlapMs: 0 });
    return `Bearer ${token}`;
  }

  async function unsigned(): Promise<string> {
    const [, claims] = (await issuer.token({ workspace: 'default' })).split('.');
    return `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
  }
});

describe('a caller without the scope', () => {
  it.each(table(guarded))('is refused, by key and by token: %s', async (_, spec) => {
    const others = scopes.filter((scope) => scope !== spec.scope);
    const key = await requests.world.key('default', others);
    const token = await issuer.token({ workspace: 'default', scope: others.join(' ') });
    for (const credentials of [key, token]) {
      const answer = await requests.ask(spec, bearer(credentials));
      expectProblem(answer, spec.name);
      expect(answer.statusCode).toBe(403);
      expectNoWordOfIt(answer);
    }
  });

  it('is one that has none of the others: each scope opens its own routes alone', async () => {
    const tokens = new Map<Scope, string>();
    for (const scope of scopes) tokens.set(scope, await requests.world.key('default', [scope]));
    for (const spec of guarded) {
      for (const [scope, token] of tokens) {
        const { statusCode } = await requests.ask(spec, { ...bearer(token), query: { garbage: '1' } });
        const opens = ![401, 403].includes(statusCode);
        expect({ route: spec.name, scope, opens }).toEqual({ route: spec.name, scope, opens: scope === spec.scope });
      }
    }
  });
});

describe('a caller of another workspace', () => {
  let strangers: string[];
  let before: unknown;
  beforeAll(async () => {
    strangers = [await requests.world.key('stranger'), await issuer.token({ workspace: 'stranger' })];
    before = await everythingElse();
  });

  const addressed = guarded.filter(({ params, name }) => params && !OF_NOBODY.has(name));
  it.each(table(addressed))('is told that there is no such thing, as of what never was: %s', async (_, spec) => {
    for (const stranger of strangers) {
      const foreign = await requests.ask(spec, { headers: { ...bearer(stranger).headers, ...key() } });
      const nowhere = await requests.world.fastify.inject({
        method: spec.method,
        url: nowhereAt(requests.url(spec)),
        headers: { ...sentWith(spec), authorization: `Bearer ${stranger}`, ...key() },
        ...(spec.bodyExample === undefined ? {} : { payload: JSON.stringify(spec.bodyExample) }),
        ...(spec.bodyStream ? { payload: 'bytes' } : {}),
      });
      expectProblem(foreign, spec.name);
      expect(foreign.statusCode).toBe(404);
      expect(withoutTrace(foreign)).toEqual(withoutTrace(nowhere));
      expectNoWordOfIt(foreign);
    }
  });

  const lists = guarded.filter(
    ({ method, params, name }) => method === 'GET' && !params && !OF_NOBODY.has(name) && name !== ENDLESS,
  );
  it.each(table(lists))('finds nothing of it, whatever is looked for: %s', async (_, spec) => {
    const asked = Object.keys(spec.query?.shape ?? {}).map((name) => ({ [name]: foreignOf(name) }));
    for (const stranger of strangers) {
      expect((await requests.ask(spec, bearer(stranger))).statusCode).toBe(200);
      for (const query of [{}, ...asked]) {
        const answer = await requests.ask(spec, { ...bearer(stranger), query });
        expect([200, 400, 404]).toContain(answer.statusCode);
        expectNoWordOfIt(answer, Object.values(query).join(' '));
      }
    }
  });

  const questions = guarded.filter(({ method, params }) => method !== 'GET' && !params);
  it.each(table(questions))('cannot ask for it in a body: %s', async (_, spec) => {
    const payload = JSON.stringify(spec.bodyExample).replace(/"(con|dev|spc|fil|ser|cmd)_[a-z0-9]+"/g, (_all, kind) =>
      JSON.stringify(Object.values(requests.known).find((id) => id.startsWith(`${kind}_`))),
    );
    for (const stranger of strangers) {
      const answer = await requests.ask(spec, { ...bearer(stranger), payload });
      expect(answer.statusCode).not.toBe(500);
      expectNoWordOfIt(answer, payload);
    }
  });

  it('has changed nothing of it', async () => {
    expect(await everythingElse()).toEqual(before);
  });

  const key = () => ({ 'idempotency-key': requests.key() });
  const foreignOf = (parameter: string): string =>
    Object.entries(requests.known).find(([name]) => name.startsWith(parameter.replace(/Id$/, '')))?.[1] ?? 'x';
});

/** The same address, of things that are nowhere. */
const nowhereAt = (url: string): string =>
  url
    .replace(/\b(con|dev|spc|fil|cmd|key|prk|sub|dlv)_[a-z2-7]{26}/g, (id) => `${id.slice(0, 4)}${'z'.repeat(26)}`)
    .replace(/ser_\d+/, 'ser_999999999');

const sentWith = (spec: EndpointSpec): Record<string, string> => ({
  ...(spec.ifMatch ? { 'if-match': '*' } : {}),
  ...(spec.body ? { 'content-type': spec.bodyTypes?.[0] ?? 'application/json' } : {}),
  ...(spec.bodyStream ? { 'content-type': 'application/octet-stream' } : {}),
});

function withoutTrace({ statusCode, headers, body }: LightMyRequestResponse): unknown {
  const { date: _date, ...rest } = headers;
  return { statusCode, headers: rest, body: { ...(JSON.parse(body) as object), traceId: '' } };
}

/** Neither what stands in the workspace nor what it is called by, but for what the request itself has said. */
function expectNoWordOfIt({ headers, body }: LightMyRequestResponse, said = ''): void {
  const shown = JSON.stringify(headers) + body;
  const ids = Object.values(requests.known).filter((id) => /^[a-z]{3}_/.test(id));
  expect([...ITS_WORDS, ...ids].filter((word) => !said.includes(word) && shown.includes(word))).toEqual([]);
}

/** All rows of all tables that have nothing to do with the stranger. */
async function everythingElse(): Promise<unknown> {
  const { pool } = requests.world.db;
  const { rows: tables } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and not relispartition order by 1`,
  );
  const found: Record<string, unknown> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query(
      `select count(*)::int, md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) from "${name}" t
       where t::text not like '%stranger%'`,
    );
    found[name] = rows[0];
  }
  return found;
}
