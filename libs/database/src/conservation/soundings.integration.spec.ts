import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { Soundings } from './soundings.ts';

let db: ScratchDatabase;
let soundings: Soundings;
beforeAll(async () => {
  db = await scratchDatabase();
  soundings = new Soundings(db);
}, 30_000);
afterAll(() => db.drop());

const TTL_MS = 60_000;
const clean = () =>
  db.pool.query(
    `truncate intake_replica; update conservation_horizon set settled_before = '-infinity', sounded_at = null`,
  );
beforeEach(async () => void (await clean()));

interface Message {
  confirmedAt: number;
  settled: boolean;
}
interface Replica {
  name: string;
  dead: boolean;
  held: { message: Message; sinceMs: number }[];
  returnedMs: number | undefined;
}

/** A queue, replicas that take from it, and their reports; time is that of the real database. */
class World {
  readonly queue: Message[] = [];
  readonly messages: Message[] = [];
  readonly replicas: Replica[] = [];
  #names = 0;

  async publish(): Promise<void> {
    const message = { confirmedAt: await this.#nowMs(), settled: false };
    this.queue.push(message);
    this.messages.push(message);
  }

  /** A replica reports before it takes anything. */
  async join(): Promise<void> {
    const replica: Replica = { name: `r${this.#names++}`, dead: false, held: [], returnedMs: undefined };
    await this.#report(replica);
    this.replicas.push(replica);
  }

  deliver(replica: Replica): void {
    const message = this.queue.shift();
    if (message) replica.held.push({ message, sinceMs: performance.now() });
  }

  settle(replica: Replica, at: number): void {
    const [held] = replica.held.splice(at % Math.max(1, replica.held.length), 1);
    if (held) held.message.settled = true;
  }

  giveBack(replica: Replica): void {
    if (replica.held.length > 0) replica.returnedMs = performance.now();
    this.queue.unshift(...replica.held.splice(0).map(({ message }) => message));
  }

  /** The broker notices at once; the others only when its time is over. */
  die(replica: Replica): void {
    replica.dead = true;
    this.queue.unshift(...replica.held.splice(0).map(({ message }) => message));
  }

  async expire(): Promise<void> {
    const names = this.replicas.filter(({ dead }) => dead).map(({ name }) => name);
    await db.pool.query(`update intake_replica set alive_until = now() - interval '1 second' where replica = any($1)`, [
      names,
    ]);
  }

  async leave(replica: Replica): Promise<void> {
    this.die(replica);
    await soundings.leave(replica.name);
  }

  async round(replica: Replica): Promise<void> {
    await this.#report(replica);
    await soundings.certify();
    await this.#assertHorizon();
    const at = await soundings.now();
    if (this.queue.length === 0) await soundings.sound(at);
  }

  async #report(replica: Replica): Promise<void> {
    const at = await soundings.now();
    const [oldest] = replica.held;
    await soundings.report({
      replica: replica.name,
      at,
      heldMs: oldest ? performance.now() - oldest.sinceMs : 0,
      returnedMs: replica.returnedMs === undefined ? undefined : performance.now() - replica.returnedMs - 1,
      ttlMs: TTL_MS,
    });
  }

  async #assertHorizon(): Promise<void> {
    const horizon = (await soundings.horizon())?.getTime() ?? Number.NEGATIVE_INFINITY;
    const open = this.messages.filter(({ settled, confirmedAt }) => !settled && confirmedAt < horizon);
    expect(open).toEqual([]);
  }

  async #nowMs(): Promise<number> {
    const { rows } = await db.pool.query('select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms');
    return rows[0].ms;
  }
}

const actions = [
  'publish',
  'join',
  'deliver',
  'settle',
  'giveBack',
  'die',
  'expire',
  'leave',
  'round',
  'round',
] as const;

describe('the horizon', () => {
  it('never claims more than is so, whatever replicas take, settle, give back, and however they end', async () => {
    const step = fc.tuple(fc.constantFrom(...actions), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        await clean();
        const world = new World();
        await world.join();
        for (const [action, which] of steps) {
          const alive = world.replicas.filter(({ dead }) => !dead);
          const replica = alive[which % Math.max(1, alive.length)];
          if (action === 'publish' || action === 'join' || action === 'expire') await world[action]();
          else if (!replica) continue;
          else if (action === 'settle') world.settle(replica, which);
          else await world[action](replica);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('comes to now when all is settled, also after a replica has died', async () => {
    const world = new World();
    await world.join();
    await world.join();
    await world.publish();
    const [first, second] = world.replicas as [Replica, Replica];
    world.deliver(first);
    world.die(first);
    world.deliver(second);
    world.settle(second, 0);
    const settledAt = new Date();
    for (let i = 0; i < 3; i++) await world.round(second);
    // The dead one may still hold something, for all that anybody knows.
    expect((await soundings.horizon())?.getTime() ?? 0).toBeLessThan(settledAt.getTime());
    await world.expire();
    for (let i = 0; i < 3; i++) await world.round(second);
    expect((await soundings.horizon())?.getTime()).toBeGreaterThan(settledAt.getTime());
  });

  it('stands while one replica holds something, and while the queue is not empty', async () => {
    const world = new World();
    await world.join();
    const [replica] = world.replicas as [Replica];
    await world.publish();
    for (let i = 0; i < 3; i++) await world.round(replica);
    expect(await soundings.horizon()).toBeUndefined();
    world.deliver(replica);
    for (let i = 0; i < 3; i++) await world.round(replica);
    expect(await soundings.horizon()).toBeUndefined();
    world.settle(replica, 0);
    for (let i = 0; i < 3; i++) await world.round(replica);
    expect(await soundings.horizon()).toBeDefined();
  });
});
