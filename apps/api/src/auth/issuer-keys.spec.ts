import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { type CryptoKey, exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { z } from 'zod';
import { oidcVerifier, type TokenVerifier } from './oidc.ts';
import { oidcConfig, oidcOptions } from './oidc-config.ts';

/** An issuer that answers over HTTP. */
let server: Server;
let issuer: string;
let published: Record<string, unknown>;
let asked: string[];
let keys: Map<string, GenerateKeyPairResult>;
const clock = new ManualClock(Date.UTC(2026, 10, 20));

beforeEach(async () => {
  asked = [];
  keys = new Map();
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const answer = published[request.url ?? ''];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/acme`;
  published = {
    '/realms/acme/.well-known/openid-configuration': { issuer, jwks_uri: new URL('/keys', issuer).href },
  };
  await publish('first');
});
afterEach(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

/** Makes these the keys of the issuer. */
async function publish(...ids: string[]): Promise<void> {
  for (const id of ids) if (!keys.has(id)) keys.set(id, await generateKeyPair('ES256'));
  const jwks = ids.map(async (kid) => ({
    ...(await exportJWK(keys.get(kid)?.publicKey as CryptoKey)),
    kid,
    alg: 'ES256',
  }));
  published['/keys'] = { keys: await Promise.all(jwks) };
}

function verifierOf(more: Record<string, string> = {}): TokenVerifier {
  const config = z.object(oidcConfig).parse({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'tributary', ...more });
  const options = oidcOptions(config);
  if (!options) throw new Error('expected an issuer');
  return oidcVerifier(options, { clock, log: silentLogger });
}

async function signed(kid: string, by = kid): Promise<string> {
  return new SignJWT({ workspace: 'acme', scope: 'read' })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setIssuer(issuer)
    .setAudience('tributary')
    .setSubject('u')
    .setExpirationTime(Math.floor(clock.now() / 1_000) + 100_000)
    .sign(keys.get(by)?.privateKey as CryptoKey);
}

const unavailable = { code: 'adapter-unavailable', status: 503 };

describe('the keys of an issuer', () => {
  it('are found by its metadata, and read once for many tokens', async () => {
    const verifier = verifierOf();
    const token = await signed('first');
    const callers = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
    expect(new Set(callers.map((caller) => caller?.workspace))).toEqual(new Set(['acme']));
    expect(asked).toEqual(['/realms/acme/.well-known/openid-configuration', '/keys']);
  });

  it('are found by the metadata of an authorization server, or where the configuration says', async () => {
    published = {
      '/.well-known/oauth-authorization-server/realms/acme': { issuer, jwks_uri: new URL('/keys', issuer).href },
      '/keys': published['/keys'],
    };
    expect(await verifierOf().verify(await signed('first'))).toBeDefined();
    asked = [];
    const told = verifierOf({ OIDC_JWKS_URL: new URL('/keys', issuer).href });
    expect(await told.verify(await signed('first'))).toBeDefined();
    expect(asked).toEqual(['/keys']);
  });

  it('are taken from nobody else', async () => {
    const at = '/realms/acme/.well-known/openid-configuration';
    published[at] = { issuer: `${issuer}/`, jwks_uri: new URL('/keys', issuer).href };
    await expect(verifierOf().verify(await signed('first'))).rejects.toMatchObject(unavailable);
    published[at] = { issuer, jwks_uri: 'file:///keys' };
    await expect(verifierOf().verify(await signed('first'))).rejects.toMatchObject(unavailable);
  });

  it('may be exchanged: one that is not known is looked for, at most every 30 s', async () => {
    const verifier = verifierOf();
    expect(await verifier.verify(await signed('first'))).toBeDefined();
    await publish('first', 'second');
    expect(await verifier.verify(await signed('second'))).toBeUndefined();
    await clock.advance(30_000);
    expect(await verifier.verify(await signed('second'))).toBeDefined();
    const before = asked.length;
    for (let n = 0; n < 50; n += 1) expect(await verifier.verify(await signed(`none-${n}`, 'first'))).toBeUndefined();
    expect(asked.length).toBe(before);
    await publish('second');
    await clock.advance(600_000);
    await eventually(
      'the key that was taken back opens nothing',
      async () => (await verifier.verify(await signed('first'))) === undefined,
    );
  });

  it('are used for a day while the issuer is away, which is asked at most every 5 s', async () => {
    const verifier = verifierOf();
    published = {};
    const token = await signed('first');
    for (let n = 0; n < 10; n += 1) await expect(verifier.verify(token)).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(2);
    await publish('first');
    published['/realms/acme/.well-known/openid-configuration'] = { issuer, jwks_uri: new URL('/keys', issuer).href };
    await clock.advance(5_000);
    expect(await verifier.verify(token)).toBeDefined();
    published = {};
    await clock.advance(23 * 3_600_000);
    expect(await verifier.verify(token)).toBeDefined();
    await clock.advance(3_600_000);
    await expect(verifier.verify(token)).rejects.toMatchObject(unavailable);
  });

  it('are refused when they are too many or no keys', async () => {
    for (const wrong of [
      { keys: 'x' },
      [],
      { keys: Array.from({ length: 1_001 }, () => ({ kty: 'EC' })) },
      'x'.repeat(1_100_000),
    ]) {
      published['/keys'] = wrong;
      await expect(verifierOf().verify(await signed('first'))).rejects.toMatchObject(unavailable);
    }
  });
});
