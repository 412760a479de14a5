import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '@tributary/database';
import { silentLogger } from '@tributary/runtime';
import { OPTICLOUD_USERS, type Simulator, startSimulator } from '@tributary/simulators';
import {
  adapterNames,
  dropTopology,
  eventually,
  House,
  newSealingKey,
  repositoryRoot,
  sharedBacking,
} from '@tributary/testing';
import pg from 'pg';
import { WireTap } from './wire-tap.ts';

/** Members of credentials that are no secrets are names. */
const SECRET_MEMBER = /password|secret|token/i;
/** What a platform calls the proof that it gives, wherever that stands in its answers. */
const GIVEN_PROOF =
  /"(?!\w*(?:page|next|continuation))\w*(?:[tT]oken|[sS]ecret|[cC]redentialsId)\w*"\s*:\s*"([^"\\\s]{16,})"/g;
/** Its discovery names the identity service by its own address: another one in between is refused. */
const NAMES_ITSELF = 'identityUrl';

/** Everything that leaves a service but the answers to its callers and the calls that it makes to platforms and receivers. */
interface Taps {
  database: WireTap;
  broker: WireTap;
  redis: WireTap;
}

const namespace = `e2e-${randomBytes(5).toString('hex')}`;
const databaseName = namespace.replace('-', '_');
const keys = newSealingKey();
const lines: string[] = [];
const answers: string[] = [];
const vendors: WireTap[] = [];
const simulators: Simulator[] = [];
/** By what they are called in a failure. */
const secrets = new Map<string, string>([['the sealing key', keys.slice('k1:'.length)]]);

let taps: Taps;
let house: House;
let receiver: Server;
let apiUrl: string;
let key: string;
const received: string[] = [];

beforeAll(async () => {
  const databaseUrl = new URL(sharedBacking.databaseUrl);
  databaseUrl.pathname = `/${databaseName}`;
  await migrate({ url: databaseUrl.href, log: silentLogger });
  taps = {
    database: await WireTap.before(databaseUrl.href),
    broker: await WireTap.before(sharedBacking.rabbitmqUrl),
    redis: await WireTap.before(sharedBacking.redisUrl),
  };
  receiver = createServer((request, response) => {
    received.push(JSON.stringify(request.headers));
    request.resume().on('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  house = new House({
    backing: {
      databaseUrl: taps.database.through(databaseUrl.href),
      rabbitmqUrl: taps.broker.through(sharedBacking.rabbitmqUrl),
      redisUrl: taps.redis.through(sharedBacking.redisUrl),
    },
    namespace,
    keys,
    env: { LOG_LEVEL: 'trace' },
    onLine: (service, line) => lines.push(`${service} ${line}`),
  });
  for (const app of ['api', 'telemetry-ingest', 'webhooks', ...adapterNames()]) house.spawnApp(app);
  key = await newKey(databaseUrl.href);
  secrets.set('the API key', key.slice(-52));
  await house.ready();
  apiUrl = `http://127.0.0.1:${(await house.get('api').ready()).port}`;
}, 180_000);

afterAll(async () => {
  await house?.stop();
  for (const simulator of simulators) await simulator.stop();
  for (const tap of [...Object.values(taps ?? {}), ...vendors]) await tap.stop();
  receiver?.close();
  await dropTopology(
    sharedBacking.rabbitmqUrl,
    namespace,
    simulators.map(({ platform }) => platform),
  );
  const maintenance = new URL(sharedBacking.databaseUrl);
  maintenance.pathname = '/postgres';
  const client = new pg.Client({ connectionString: maintenance.href });
  await client.connect();
  await client.query(`drop database if exists "${databaseName}" with (force)`);
  await client.end();
}, 120_000);

async function newKey(databaseUrl: string): Promise<string> {
  const entry = join(repositoryRoot, 'apps', 'api', 'dist', 'create-key-main.js');
  const env = { PATH: process.env.PATH ?? '', DATABASE_URL: databaseUrl };
  return (await promisify(execFile)(process.execPath, [entry], { env })).stdout.trim();
}

/** What this test reads of answers. */
interface Body {
  id: string;
  key: string;
  signingSecret: string;
  items: { status: string }[];
}

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(apiUrl + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  answers.push(JSON.stringify([...answer.headers]) + text);
  return { status: answer.status, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Body };
}

/** The simulator's account, behind a tap where its settings let it be. */
async function draftOf(simulator: Simulator) {
  const { platform, name, settings, credentials } = simulator.demoConnection;
  const tapped: Record<string, unknown> = { ...settings };
  for (const [member, value] of Object.entries(settings)) {
    if (typeof value !== 'string' || !value.startsWith('http://') || NAMES_ITSELF in settings) continue;
    const tap = await WireTap.before(value);
    vendors.push(tap);
    tapped[member] = tap.through(value).replace(/\/$/, '');
  }
  // One whose password is no everyday word.
  const own = platform === 'opticloud' ? OPTICLOUD_USERS.single : credentials;
  for (const [member, value] of Object.entries(own)) {
    if (SECRET_MEMBER.test(member)) secrets.set(`${member} of ${platform}`, value);
  }
  return { platform, name, settings: tapped, credentials: { ...own } };
}

/** How a secret may look where it should not be. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Base64 of text around it: the middle, at each of three offsets.
  const inside = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...inside.filter((text) => text.length >= 8)];
}

describe('a house with every platform, as talkative as it can be', () => {
  it('connects, tries, refuses, tells, sends', async () => {
    for (const app of adapterNames()) simulators.push(await startSimulator(app.replace('adapter-', '')));
    await eventually(
      'every platform is announced',
      async () => (await ask('GET', '/v1/platforms')).body.items.length === simulators.length,
    );
    for (const simulator of simulators) {
      const draft = await draftOf(simulator);
      const once = { 'idempotency-key': randomBytes(8).toString('hex') };
      const made = await ask('POST', '/v1/connections', draft, once);
      expect({ platform: draft.platform, status: made.status }).toEqual({ platform: draft.platform, status: 201 });
      await ask('POST', '/v1/connections', draft, once);
      await ask('POST', '/v1/connections:test', draft);
      const wrong = `canary-wrong-${draft.platform}-${randomBytes(6).toString('hex')}`;
      secrets.set(`a wrong password for ${draft.platform}`, wrong);
      const credentials = Object.fromEntries(
        Object.entries(draft.credentials).map(([member, value]) => [
          member,
          SECRET_MEMBER.test(member) ? wrong : value,
        ]),
      );
      const refused = await ask('POST', '/v1/connections', { ...draft, name: 'refused', credentials });
      await ask('POST', `/v1/connections/${refused.body.id}:test`);
    }
    const header = 'canary-header-0123456789';
    secrets.set('a header of a subscription', header);
    const subscription = await ask('POST', '/v1/subscriptions', {
      url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
      events: { types: ['telemetry', 'connection'] },
      headers: { 'x-api-key': header },
    });
    answers.pop();
    secrets.set('the secret of a subscription', String(subscription.body.signingSecret).replace(/^whsec_/, ''));
    const second = await ask(
      'POST',
      '/v1/api-keys',
      { name: 'second', scopes: ['read'] },
      { 'idempotency-key': 'second' },
    );
    answers.pop();
    secrets.set('a second API key', String(second.body.key).slice(-52));
    await eventually(
      'telemetry of some platforms has come, and was sent on',
      async () => {
        const { body } = await ask('GET', '/v1/telemetry/latest?limit=1000');
        const connections = await ask('GET', '/v1/connections');
        const unauthorized = connections.body.items.filter(({ status }) => status === 'unauthorized');
        return body.items.length > 10 && received.length > 0 && unauthorized.length >= simulators.length - 1;
      },
      { timeoutMs: 90_000, everyMs: 500 },
    );
    for (const path of [
      '/v1/connections',
      '/v1/audit-log?limit=1000',
      '/v1/parked-messages',
      '/v1/events?limit=1000',
      '/v1/subscriptions',
      '/v1/api-keys',
      '/metrics',
    ])
      await ask('GET', path).catch(() => undefined);
  }, 180_000);

  it('shows none of its secrets in a log, in the database, on the bus, in Redis or in an answer', () => {
    for (const [place, tap] of vendors.entries()) {
      for (const [n, [, proof = '']] of [...tap.text().matchAll(GIVEN_PROOF)].entries())
        secrets.set(`proof ${n} of wire ${place}`, proof);
    }
    expect(secrets.size).toBeGreaterThan(20);
    for (const [name, secret] of secrets) {
      expect({ name, known: secret.length >= 9 && secret !== 'undefined' }).toEqual({ name, known: true });
    }
    const places = {
      logs: lines.join('\n'),
      database: taps.database.text(),
      broker: taps.broker.text(),
      redis: taps.redis.text(),
      answers: answers.join('\n'),
    };
    // They see what they should: nothing would be found by those who see nothing.
    for (const text of Object.values(places)) expect(text.length).toBeGreaterThan(10_000);
    expect(places.database).toContain(simulators[0]?.demoConnection.name);
    expect(places.broker).toContain('io.tributary.telemetry.observed.v1');
    expect(places.redis).toContain(namespace);
    const found = [...secrets].flatMap(([name, secret]) =>
      Object.entries(places)
        .filter(([, text]) => spellings(secret).some((spelling) => text.includes(spelling)))
        .map(([place]) => `${name} in ${place}`),
    );
    expect(found).toEqual([]);
  }, 120_000);
});
