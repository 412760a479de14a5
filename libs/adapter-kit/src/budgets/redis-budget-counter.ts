import { createHash } from 'node:crypto';
import type { Clock } from '@tributary/runtime';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import {
  type BudgetLane,
  type BudgetLimit,
  largestShare,
  reservedShare,
  spendingLanes,
  urgency,
} from './budget-plan.ts';
import { LIMITED, METERED, RECORD, TAKE, USAGE } from './budget-scripts.ts';
import type { BudgetUsage, MeterReading } from './budget-store.ts';

/** Redis that does not answer within this is away. */
const PATIENCE_MS = 250;
const MAX_UNTOLD_HOLD_MS = 10_000;

const list = <T extends z.ZodType>(item: T) =>
  // Lua encodes an empty list as an object.
  z.union([z.array(item), z.object({}).transform((): z.output<T>[] => [])]);
const taken = z.union([
  z.object({ lost: z.array(z.string()) }),
  z.object({
    wait: z.number(),
    refused: list(z.string()),
    foreign: z.record(z.string(), z.number()),
    spent: z.record(z.string(), z.number()),
  }),
]);
const held = z.object({ holdMs: z.number() });
const usages = z.array(
  z.object({
    name: z.string(),
    byLane: z.record(z.string(), z.number()),
    heldForMs: z.number(),
    effectiveLimit: z.number(),
  }),
);
export type Taken = z.output<typeof taken>;

export interface Entry {
  id: string;
  ageMs: number;
  units: number;
}

/** The counts in Redis that all replicas share. Every method throws while Redis is away. */
export class RedisBudgetCounter {
  readonly #redis: Redis;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #replica: string;
  readonly #limits: Map<string, BudgetLimit>;

  /** `prefix` names the credential; braces in it keep its keys on one node of a cluster. */
  constructor(redis: Redis, clock: Clock, prefix: string, replica: string, limits: readonly BudgetLimit[]) {
    this.#redis = redis;
    this.#clock = clock;
    this.#prefix = prefix;
    this.#replica = replica;
    this.#limits = new Map(limits.map((limit) => [limit.name, limit]));
  }

  /** `known`: how many grants of this replica must be there; if fewer are, Redis has forgotten and nothing is taken. */
  async take(
    id: string,
    lane: BudgetLane,
    cost: ReadonlyMap<string, number>,
    known: (name: string) => number,
  ): Promise<Taken> {
    const budgets = [...cost].map(([name, units]) => ({ ...this.#limit(name), units, known: known(name) }));
    const rank = urgency[lane];
    const shares = { reserved: reservedShare, largest: largestShare[lane] };
    const call = { id, lane, rank, replica: this.#replica, ...shares, budgets };
    return taken.parse(await this.#run(TAKE, call));
  }

  async record(name: string, entries: Entry[], replace: boolean): Promise<void> {
    const budgets = [{ ...this.#limit(name), entries }];
    if (entries.length > 0) await this.#run(RECORD, { replace, budgets });
  }

  async metered(
    call: { id: string; ageMs: number; spent: number },
    name: string,
    reading: MeterReading,
  ): Promise<void> {
    const { id, ageMs, spent } = call;
    const limit = this.#limit(name);
    const stated = limit.statedLimit ?? limit.limit;
    const figures = { metered: reading.spent, allowed: reading.limit ?? stated, stated, spent };
    await this.#run(METERED, { id, ageMs, budgets: [{ ...limit, ...figures }] });
  }

  /** Answers how long nothing goes, where one of the budgets plans to send again what was refused. */
  async limited(names: readonly string[], holdMs: number | undefined): Promise<number | undefined> {
    const budgets = names.map((name) => {
      const limit = this.#limit(name);
      return { ...limit, holdMs: holdMs ?? Math.min(limit.windowMs, MAX_UNTOLD_HOLD_MS) };
    });
    const reply = held.parse(await this.#run(LIMITED, { told: holdMs !== undefined, budgets }));
    return budgets.some(({ waitForOldest }) => waitForOldest) ? reply.holdMs : undefined;
  }

  async usage(): Promise<BudgetUsage[]> {
    const budgets = [...this.#limits.values()];
    if (budgets.length === 0) return [];
    return usages.parse(await this.#run(USAGE, { budgets })).map((usage) => {
      const lanes = spendingLanes.flatMap((lane) => {
        const units = usage.byLane[lane];
        return units === undefined ? [] : [[lane, units] as const];
      });
      return {
        ...usage,
        byLane: Object.fromEntries(lanes),
        spent: lanes.reduce((sum, [, units]) => sum + units, 0),
      };
    });
  }

  #limit(name: string): BudgetLimit {
    const limit = this.#limits.get(name);
    if (!limit) throw new RangeError(`no budget ${name}`);
    return limit;
  }

  async #run(script: string, call: { budgets: { name: string }[]; [more: string]: unknown }): Promise<unknown> {
    if (this.#redis.status !== 'ready') throw new Error(`Redis is ${this.#redis.status}`);
    const keys = call.budgets.flatMap(({ name }) =>
      ['log', 'units', 'state', 'wanted'].map((part) => `${this.#prefix}:${name}:${part}`),
    );
    const reply = await this.#withinPatience(this.#evaluate(script, keys, JSON.stringify(call)));
    return typeof reply === 'string' && reply !== 'OK' ? JSON.parse(reply) : reply;
  }

  async #evaluate(script: string, keys: string[], argument: string): Promise<unknown> {
    try {
      return await this.#redis.evalsha(shaOf(script), keys.length, ...keys, argument);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#redis.eval(script, keys.length, ...keys, argument);
    }
  }

  #withinPatience<T>(reply: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(PATIENCE_MS, () => reject(new Error('Redis does not answer in time')));
      reply.then(resolve, reject).finally(cancel);
    });
  }
}

const shas = new Map<string, string>();
function shaOf(script: string): string {
  const known = shas.get(script) ?? createHash('sha1').update(script).digest('hex');
  shas.set(script, known);
  return known;
}
