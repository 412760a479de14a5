import { deviceId } from '@tributary/contracts';
import type * as TributaryDatabase from '@tributary/database';
import type { BatchPoint, TelemetryBatch } from '@tributary/database';
import { silentLogger, systemClock } from '@tributary/runtime';
import type { Plan, Rig, Violation } from '../rig.ts';

type Library = typeof TributaryDatabase;

const START_MS = Date.UTC(2026, 2, 29);
const DAY_MS = 86_400_000;

/** The store as the services of the rig have it, on connections of its own. */
async function openStore(rig: Rig) {
  const { openDatabase, TelemetryStore } = await rig.module<Library>('database');
  const url = rig.backing.databaseUrl;
  const db = openDatabase({ url, log: silentLogger, applicationName: 'store', poolSize: 2 });
  rig.defer(() => db.close());
  return new TelemetryStore(db, { clock: systemClock, retentionMs: 4_000 * DAY_MS });
}

function batchOf(rig: Rig, rev: number, pointsOf: Record<string, BatchPoint[]>): TelemetryBatch {
  const { connectionId } = rig;
  const groups = Object.entries(pointsOf).map(([nativeId, points]) => ({
    workspace: 'default',
    platform: 'acme',
    connectionId,
    deviceId: deviceId(connectionId, nativeId),
    nativeId,
    rev: String(rev),
    points,
  }));
  return { groups };
}

/** The same three facts about one point, in two orders. */
export const anyOrder: Plan = async (rig) => {
  const store = await openStore(rig);
  const facts = [
    { rev: 1, value: 10 },
    { rev: 5, value: 10 },
    { rev: 3, value: 20 },
  ];
  const orders = { forwards: facts, backwards: facts.toReversed() };
  for (const [device, order] of Object.entries(orders))
    for (const { rev, value } of order)
      await store.commit(batchOf(rig, rev, { [device]: [['power', START_MS, value]] }));
  const { rows } = await rig.db.pool.query<{ number: number }>('select distinct number from point');
  const values = rows.map(({ number }) => number);
  const invariant = 'I12 the same facts in any order end the same';
  return values.length === 1 && values[0] === 10 ? [] : [{ invariant, seen: `ended as ${values.join(' and ')}` }];
};

/** What is older than everything that is known comes last. */
export const lateNews: Plan = async (rig) => {
  const store = await openStore(rig);
  for (const [rev, at] of [100, 50].entries())
    await store.commit(batchOf(rig, rev + 1, { meter: [['power', START_MS + at * 1_000, at]] }));
  const { rows } = await rig.db.pool.query<{ number: number }>('select number from series_latest');
  const invariant = 'I13 the newest value never goes back in time';
  return rows[0]?.number === 100 ? [] : [{ invariant, seen: `the newest value is that of second ${rows[0]?.number}` }];
};

const SERIES = 300;
const ROUNDS = 20;

/** Several writers with new points of the same series at the same time; each also brings one that it had brought before. */
export const manyWriters: Plan = async (rig) => {
  const stores = await Promise.all([0, 1, 2].map(() => openStore(rig)));
  const batch = (second: number, writer: number): TelemetryBatch => {
    const points = (at: number): BatchPoint[] => [['power', START_MS + at * 1_000, at]];
    const named = Array.from({ length: SERIES }, (_, n) => [`n${n}`, points(second)] as const);
    return batchOf(rig, second + 1, { ...Object.fromEntries(named), [`known${writer}`]: points(0) });
  };
  let second = 0;
  for (const [writer, store] of stores.entries()) await store.commit(batch(second++, writer));
  for (let round = 0; round < ROUNDS; round += 1) {
    const batches = stores.map((_, writer) => batch(second++, writer));
    await Promise.all(stores.map((store, writer) => store.commit(batches[writer] as TelemetryBatch)));
    if ((await deadlocksOf(rig)) > 0) break;
  }
  const told = await rig.until('deadlocks are told', async () => (await deadlocksOf(rig)) > 0, 2_000);
  const invariant = 'D5 writers of the same series never deadlock';
  return told ? [{ invariant, seen: `${await deadlocksOf(rig)} deadlocks` }] : [];
};

/** Postgres tells of them a second later. */
async function deadlocksOf(rig: Rig): Promise<number> {
  const { rows } = await rig.db.pool.query<{ n: string }>(
    'select deadlocks as n from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]?.n);
}

/** A replica whose lease was taken over saves its checkpoint. */
export const zombie: Plan = async (rig) => {
  const { openDatabase, Checkpoints } = await rig.module<Library>('database');
  const db = openDatabase({ url: rig.backing.databaseUrl, log: silentLogger, applicationName: 'zombie', poolSize: 2 });
  rig.defer(() => db.close());
  const checkpoints = new Checkpoints(db);
  const { connectionId } = rig;
  const own = (replica: string, epoch: number) =>
    rig.db.pool.query(
      `insert into connection_lease (connection_id, replica, epoch, leased_until)
       values ($1, $2, $3, now() + interval '1 hour')
       on conflict (connection_id) do update set replica = $2, epoch = $3`,
      [connectionId, replica, epoch],
    );
  await own('first', 1);
  await checkpoints.save(connectionId, 'poll', { at: 1 }, { version: 0, epoch: 1n });
  await own('second', 2);
  const saved = await checkpoints.save(connectionId, 'poll', { at: 99 }, { version: 1, epoch: 1n });
  const { rows } = await rig.db.pool.query<{ at: number }>("select (value->>'at')::int as at from checkpoint");
  const invariant = 'I14 a zombie’s writes affect no rows';
  return saved || rows[0]?.at !== 1 ? [{ invariant, seen: `its checkpoint stands at ${rows[0]?.at}` }] : [];
};

/** Two workspaces, served one after the other by the same connection to the database. */
export const takeTurns: Plan = async (rig) => {
  const { openFencedDatabase, WorkspaceFence } = await rig.module<Library>('database');
  const fence = new WorkspaceFence();
  const { databaseUrl: url } = rig.backing;
  const { pool, close } = openFencedDatabase(fence, { url, log: silentLogger, applicationName: 'api', poolSize: 1 });
  rig.defer(close);
  for (const workspace of ['ant', 'bee']) await rig.addConnection(workspace);
  const violations: Violation[] = [];
  for (const workspace of ['ant', 'bee', 'ant']) {
    const read = () => pool.query<{ workspace: string }>('select workspace_id as workspace from connection');
    const { rows } = await fence.within(workspace, read);
    const seen = rows.map((row) => row.workspace).join(' and ') || 'nothing';
    if (seen !== workspace)
      violations.push({ invariant: 'I25 nobody sees another workspace’s rows', seen: `${workspace} saw ${seen}` });
  }
  return violations;
};
