import { lost, type Plan, type Rig, type Violation } from '../rig.ts';

const LOSS = 'I1 nothing accepted is lost';

/** One message through the whole way, so that what follows meets a service that is up in every part. */
async function warmUp(rig: Rig, env: Record<string, string>, devices: readonly string[]) {
  const service = rig.spawn('telemetry-ingest', env);
  await service.ready();
  for (const device of devices) await rig.publish(rig.message(device, 1));
  await rig.settled(devices.length);
  await rig.until('they are acknowledged', async () => (await rig.backlog(rig.names.ingestTelemetry)) === 0);
  return service;
}

/** The process ends when all of a batch is written and nothing is committed. */
export const crashBeforeCommit: Plan = async (rig) => {
  const failing = rig.spawn('telemetry-ingest', {
    INGEST_LANE: 'direct',
    TRIBUTARY_FAILPOINT: 'after-copy-before-commit:exit',
  });
  await failing.ready();
  await rig.publish(...Array.from({ length: 20 }, (_, n) => rig.message(`n${n}`, 10)));
  await failing.exited;
  return lost(LOSS, await rig.takenIn(200), 200);
};

/** Postgres does not let a worker on; then the process ends and Redis forgets. */
export const crashWithWipedRedis: Plan = async (rig) => {
  const service = await warmUp(rig, { INGEST_LANE: 'queued' }, ['warm']);
  const blocker = await rig.db.pool.connect();
  await blocker.query('begin; lock table series_latest in exclusive mode');
  await rig.publish(...Array.from({ length: 10 }, (_, n) => rig.message(`n${n}`, 10)));
  await rig.until('a worker waits', () => someoneWaits(rig));
  // Whoever acknowledges too early does so now; whoever does not, never.
  await rig.until('nothing is left', async () => (await rig.backlog(rig.names.ingestTelemetry)) === 0, 1_500);
  await service.kill();
  await rig.wipeRedis();
  await blocker.query('rollback');
  blocker.release();
  return lost(LOSS, await rig.takenIn(101), 101);
};

/** The first of two batches waits for a row, the second is committed; then the process ends. */
export const holeInTheWindow: Plan = async (rig) => {
  const service = await warmUp(rig, { INGEST_LANE: 'direct' }, ['held', 'free']);
  const blocker = await rig.db.pool.connect();
  await blocker.query(
    `begin; select 1 from series_latest where series_id = (
       select s.id from series s join device d on d.id = s.device_id where d.native_id = 'held') for update`,
  );
  await rig.publish(rig.message('held', 10, 100));
  await rig.until('the first batch waits', () => someoneWaits(rig));
  await rig.publish(rig.message('free', 10, 100));
  await rig.settled(12);
  await rig.until('nothing is left', async () => (await rig.backlog(rig.names.ingestTelemetry)) === 0, 1_500);
  await service.kill();
  await blocker.query('rollback');
  blocker.release();
  return lost(LOSS, await rig.takenIn(22), 22);
};

/** Good messages that are there at five crashes in a row. */
export const manyCrashesOfTheSameMessages: Plan = async (rig) => {
  const first = rig.spawn('telemetry-ingest');
  await first.ready();
  await first.stop();
  await rig.publish(...Array.from({ length: 5 }, (_, n) => rig.message(`n${n}`, 10)));
  for (let crash = 0; crash < 5; crash += 1) {
    if ((await rig.backlog(rig.names.ingestTelemetry)) === 0) break;
    const failing = rig.spawn('telemetry-ingest', { TRIBUTARY_FAILPOINT: 'after-deliver:exit' });
    const gone = async () => !failing.running || (await rig.backlog(rig.names.ingestTelemetry)) === 0;
    await rig.until('it has ended', gone);
    if (failing.running) await failing.kill();
  }
  const stored = await rig.takenIn(50);
  const given = (await rig.count('parked_message')) + (await rig.backlog(rig.names.ingestDead));
  const parked: Violation[] =
    given > 0
      ? [
          {
            invariant: 'I9 what a crash brings back is nobody’s fault',
            seen: `${given} good messages are dead letters`,
          },
        ]
      : [];
  return [...parked, ...lost(LOSS, stored, 50)];
};

async function someoneWaits(rig: Rig): Promise<boolean> {
  const waiting = `pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return (await rig.count(waiting)) > 0;
}
