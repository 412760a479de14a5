import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UnavailableError } from '@tributary/contracts';
import { CoverageReader, type Database, migrate, openDatabase } from '@tributary/database';
import { ManualClock, newId, silentLogger, systemClock } from '@tributary/runtime';
import fc from 'fast-check';
import type { Checkpoint, Observation, Page } from '../src/contract.ts';
import { HeldLease } from '../src/process/leases/held-lease.ts';
import { CheckpointRows } from '../src/process/store/checkpoint-rows.ts';
import { runPoll } from '../src/process/supervision/poll-runner.ts';

const SERVER = 'postgres://root@127.0.0.1:5432';
const NAME = `test_coverage_${randomBytes(6).toString('hex')}`;
const T = Date.UTC(2026, 5, 1);
const PAGES = 6;
const DEVICE = 'dev_any';
const never = new AbortController().signal;

let db: Database;
beforeAll(async () => {
  await migrate({ url: `${SERVER}/${NAME}`, log: silentLogger, clock: systemClock });
  db = openDatabase({ url: `${SERVER}/${NAME}`, log: silentLogger, applicationName: 'test' });
  await db.pool.query(`update conservation_horizon set settled_before = 'infinity'`);
}, 60_000);
afterAll(async () => {
  await db.close();
  const admin = openDatabase({ url: `${SERVER}/postgres`, log: silentLogger, applicationName: 'test', poolSize: 2 });
  await admin.pool.query(`drop database "${NAME}" with (force)`);
  await admin.close();
});

async function addConnection(): Promise<string> {
  const id = newId('con');
  await db.pool.query(
    `insert into connection (id, workspace_id, platform, name, settings, credentials, credentials_fingerprint,
       credentials_updated_at, updated_at) values ($1, 'default', 'acme', $1, '{}', '', '', now(), now())`,
    [id],
  );
  return id;
}

/** A process that owns the connection under an epoch; whoever owned it before is a zombie. */
async function own(connectionId: string, epoch: number): Promise<HeldLease> {
  await db.pool.query(
    `insert into connection_lease (connection_id, replica, epoch, leased_until) values ($1, 'r', $2, now() + interval '1 hour')
     on conflict (connection_id) do update set epoch = excluded.epoch`,
    [connectionId, epoch],
  );
  const lease = new HeldLease({ connectionId, epoch, revFloor: 0n }, new ManualClock());
  lease.renewed(0, 1e9);
  return lease;
}

/** One page for each ten milliseconds of the source, from the checkpoint on. */
async function* pages(from: Checkpoint | undefined): AsyncGenerator<Page<Observation>> {
  for (let n = Number(from?.n ?? 0); n < PAGES; n += 1) {
    const items: Observation[] = [
      { type: 'points', device: 'd', origin: 'poll', points: [{ signal: 's', tsMs: T + n * 10, value: n }] },
    ];
    yield { items, covers: [{ fromMs: T + n * 10, toMs: T + n * 10 + 10 }], checkpoint: { n: n + 1 } };
  }
}

const round = (
  lease: HeldLease,
  confirmed: Set<number>,
  failpoint: (name: string) => Promise<void> | undefined,
  confirm: (page: number) => Promise<void> = () => new Promise((resolve) => setImmediate(resolve)),
) =>
  runPoll(
    {
      name: 'telemetry',
      poll: { schedule: 'telemetry', run: pages },
      lease,
      checkpoints: new CheckpointRows(db),
      observe: async (observation) => {
        if (observation.type !== 'points') return;
        const page = Number(observation.points[0]?.value);
        await confirm(page);
        confirmed.add(page);
      },
      flush: () => {},
      failpoint,
      clock: new ManualClock(),
    },
    never,
  );

/** Pages that are said to be read. */
async function claimed(connectionId: string): Promise<number[]> {
  const range = { fromMs: T, toMs: T + PAGES * 10 };
  const found = await new CoverageReader(db.pool).intervals({ connectionId, deviceIds: [DEVICE], ...range });
  const complete = (found.get(DEVICE) ?? []).filter(({ state }) => state === 'complete');
  return Array.from({ length: PAGES }, (_, n) => n).filter((n) =>
    complete.some(({ fromMs, toMs }) => fromMs <= T + n * 10 && toMs >= T + n * 10 + 10),
  );
}

describe('coverage and the checkpoint', () => {
  it('are written together: a crash at any point leaves no claim without its points, and nothing is claimed twice', async () => {
    const places = ['after-confirm-before-checkpoint', 'after-checkpoint'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.nat(PAGES - 1), async (place, page) => {
        const connectionId = await addConnection();
        const confirmed = new Set<number>();
        let hits = 0;
        const crash = (name: string) => {
          if (name !== place || hits++ < page) return undefined;
          throw new UnavailableError('the process is gone');
        };
        const lease = await own(connectionId, 1);
        await expect(round(lease, confirmed, crash)).rejects.toThrow('gone');
        const after = await claimed(connectionId);
        for (const n of after) expect(confirmed.has(n)).toBe(true);

        await round(await own(connectionId, 2), confirmed, () => undefined);
        expect(await claimed(connectionId)).toEqual(Array.from({ length: PAGES }, (_, n) => n));
        const { rowCount } = await db.pool.query('select from coverage_span where connection_id = $1', [connectionId]);
        expect(rowCount).toBe(1);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  it('wait for the bus: nothing is said of a page that it has not confirmed, nor of any after it', async () => {
    const connectionId = await addConnection();
    const lease = await own(connectionId, 1);
    const [held, confirmed] = [Promise.withResolvers<void>(), new Set<number>()];
    const running = round(
      lease,
      confirmed,
      () => undefined,
      (page) => (page === 2 ? held.promise : Promise.resolve()),
    );
    let said: number[] = [];
    while (said.length < 2) said = await claimed(connectionId);
    expect(said).toEqual([0, 1]);
    expect(await claimed(connectionId)).toEqual([0, 1]);
    held.resolve();
    await running;
    expect(await claimed(connectionId)).toHaveLength(PAGES);
  });

  it('are not moved by a process that was replaced and does not know it', async () => {
    const connectionId = await addConnection();
    const zombie = await own(connectionId, 1);
    await own(connectionId, 2);
    await expect(round(zombie, new Set(), () => undefined)).rejects.toThrow('moved by somebody else');
    expect(await claimed(connectionId)).toEqual([]);
  });
});
