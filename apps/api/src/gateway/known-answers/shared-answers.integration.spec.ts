import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { CredentialVault, vaultConfig } from '@tributary/database';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { SharedAnswers } from './shared-answers.ts';

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const prefix = `test-${randomBytes(6).toString('hex')}:answers`;
const owner = { workspace: 'default', connectionId: 'con_a' };
const answer = (text: string | undefined, observedAtMs: number) => ({ text, observedAtMs, readAtMs: 5 });

afterEach(async () => {
  const keys = await redis.keys(`{${prefix}}*`);
  if (keys.length > 0) await redis.del(...keys);
});
afterAll(() => redis.disconnect());

function open(options: { bytes?: number; keepMs?: number; vault?: CredentialVault } = {}) {
  const { bytes = 100_000, keepMs = 60_000, vault = makeVault() } = options;
  return new SharedAnswers({ redis, vault, prefix, bytes, keepMs });
}

function makeVault() {
  const keys = `k1:${randomBytes(32).toString('base64')}`;
  return new CredentialVault(z.object(vaultConfig).parse({ TRIBUTARY_KEYS: keys }).TRIBUTARY_KEYS);
}

describe('SharedAnswers', () => {
  it('gives back what was kept, to the same workspace and connection alone', async () => {
    const answers = open();
    await answers.put('q', owner, answer('"Boiler"', 1_000));
    expect(await answers.get('q', owner)).toEqual(answer('"Boiler"', 1_000));
    expect(await answers.get('other', owner)).toBeUndefined();
    expect(await answers.get('q', { ...owner, workspace: 'another' })).toBeUndefined();
    expect(await answers.get('q', { ...owner, connectionId: 'con_b' })).toBeUndefined();
    expect(await open().get('q', owner)).toBeUndefined();
  });

  it('shows nobody in Redis what it says, and takes nobody at their word', async () => {
    const answers = open();
    await answers.put('q', owner, answer('"canary"', 1_000));
    const stored = await redis.hgetall(`{${prefix}}:answers`);
    expect(JSON.stringify(stored)).not.toContain('canary');
    await redis.hset(`{${prefix}}:answers`, 'q', '{"text":"forged"}');
    expect(await answers.get('q', owner)).toBeUndefined();
  });

  it('keeps the later of two answers, and a refusal only in the place of one', async () => {
    const answers = open();
    await answers.put('q', owner, answer('2', 2_000));
    await answers.put('q', owner, answer('1', 1_000));
    expect((await answers.get('q', owner))?.text).toBe('2');
    await answers.put('q', owner, answer(undefined, 3_000), { instead: true });
    await answers.put('never', owner, answer(undefined, 3_000), { instead: true });
    expect((await answers.get('q', owner))?.text).toBeUndefined();
    expect(await redis.hkeys(`{${prefix}}:answers`)).toEqual(['q']);
  });

  it('holds no more bytes than it may: the oldest go, and those whose time is over', async () => {
    const answers = open({ bytes: 10_000, keepMs: 60_000 });
    for (let i = 0; i < 20; i += 1) await answers.put(`q${i}`, owner, answer('x'.repeat(1_000), 1_000 + i));
    const held = async () => {
      const all = await redis.hgetall(`{${prefix}}:answers`);
      return Object.values(all).reduce((sum, text) => sum + text.length, 0);
    };
    expect(await held()).toBeLessThanOrEqual(10_000);
    expect(Number(await redis.get(`{${prefix}}:bytes`))).toBe(await held());
    expect(await answers.get('q19', owner)).toBeDefined();
    expect(await answers.get('q0', owner)).toBeUndefined();
    await answers.put('much later', owner, answer('x', 10_000_000));
    expect(await redis.hkeys(`{${prefix}}:answers`)).toEqual(['much later']);
    expect(await redis.pttl(`{${prefix}}:answers`)).toBeGreaterThan(0);
  });

  it('goes on after Redis has forgotten a part of it', async () => {
    const answers = open();
    await answers.put('q', owner, answer('1', 1_000));
    await redis.del(`{${prefix}}:bytes`);
    await answers.put('r', owner, answer('2', 2_000));
    expect(await redis.hkeys(`{${prefix}}:answers`)).toEqual(['r']);
    expect(Number(await redis.get(`{${prefix}}:bytes`))).toBe(await redis.hstrlen(`{${prefix}}:answers`, 'r'));
  });
});
