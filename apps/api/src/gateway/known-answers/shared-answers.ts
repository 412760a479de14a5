import { type CredentialVault, VaultError, type VaultOwner } from '@tributary/database';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { KeptAnswer } from './answer-memory.ts';

/**
 * Keeps an answer where no later one is kept, then lets the oldest go: those whose time is over, and as many as are too
 * much together. A Redis that has forgotten a part forgets the rest too. KEYS: answers, their times, their bytes.
 * ARGV: field, text, time, bytes in all, oldest time, milliseconds that an unused whole is kept, 1 for only in the place
 * of another.
 */
const KEEP = `
if redis.call('EXISTS', KEYS[3]) == 0 then redis.call('DEL', KEYS[1], KEYS[2]) end
local before = redis.call('HSTRLEN', KEYS[1], ARGV[1])
if ARGV[7] == '1' and before == 0 then return 0 end
local at = redis.call('ZSCORE', KEYS[2], ARGV[1])
if at and tonumber(at) > tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local total = redis.call('INCRBY', KEYS[3], string.len(ARGV[2]) - before)
for i = 1, 100 do
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
  if not oldest[1] or (total <= tonumber(ARGV[4]) and tonumber(oldest[2]) >= tonumber(ARGV[5])) then break end
  total = redis.call('DECRBY', KEYS[3], redis.call('HSTRLEN', KEYS[1], oldest[1]))
  redis.call('HDEL', KEYS[1], oldest[1])
  redis.call('ZREM', KEYS[2], oldest[1])
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[6]) end
return 1`;

const sealedAnswer = z.object({
  text: z.string().optional(),
  observedAtMs: z.coerce.number(),
  readAtMs: z.coerce.number(),
});

export interface SharedAnswersOptions {
  redis: Redis;
  vault: CredentialVault;
  /** Of the keys in Redis. */
  prefix: string;
  /** Of all answers together. */
  bytes: number;
  keepMs: number;
}

/**
 * Answers that all replicas have in common, in Redis, each sealed for its workspace and connection: whoever reads Redis
 * learns nothing, and whoever writes there makes no answer. Every method throws while Redis is away.
 */
export class SharedAnswers {
  readonly #options: SharedAnswersOptions;
  readonly #keys: [string, string, string];

  constructor(options: SharedAnswersOptions) {
    this.#options = options;
    // The braces keep them on one node of a cluster.
    this.#keys = [`{${options.prefix}}:answers`, `{${options.prefix}}:times`, `{${options.prefix}}:bytes`];
  }

  /** With `instead`, only where an earlier one is kept. */
  async put(key: string, owner: VaultOwner, answer: KeptAnswer, { instead = false } = {}): Promise<void> {
    const { redis, bytes, keepMs } = this.#options;
    const oldestMs = answer.observedAtMs - keepMs;
    const arguments_ = [key, this.#seal(owner, answer), answer.observedAtMs, bytes, oldestMs, keepMs, instead ? 1 : 0];
    await redis.eval(KEEP, this.#keys.length, ...this.#keys, ...arguments_);
  }

  /** Undefined where there is none, or none that this house has sealed for that owner. */
  async get(key: string, owner: VaultOwner): Promise<KeptAnswer | undefined> {
    const sealed = await this.#options.redis.hget(this.#keys[0], key);
    return sealed === null ? undefined : this.#open(sealed, owner);
  }

  #seal(owner: VaultOwner, { text, observedAtMs, readAtMs }: KeptAnswer): string {
    const times = { observedAtMs: String(observedAtMs), readAtMs: String(readAtMs) };
    return this.#options.vault.seal({ ...times, ...(text === undefined ? {} : { text }) }, owner);
  }

  #open(sealed: string, owner: VaultOwner): KeptAnswer | undefined {
    try {
      const { text, observedAtMs, readAtMs } = sealedAnswer.parse(this.#options.vault.open(sealed, owner));
      return { text, observedAtMs, readAtMs };
    } catch (error) {
      // Sealed with a key that is gone, or by nobody of this house.
      if (error instanceof VaultError || error instanceof z.ZodError) return undefined;
      throw error;
    }
  }
}
