import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ParkedMessages } from '@tributary/database';
import { newEventId, newId } from '@tributary/runtime';
import { entryOf, eventually, type OwnService, ownRedis, ServiceProcess } from '@tributary/testing';
import { IngestRig, untilEqual } from './ingest-rig.ts';

const MESSAGES = 120;
const DEVICES = 12;

describe('a replay of many parked messages', () => {
  let rig: IngestRig;
  let redis: OwnService;
  beforeAll(async () => {
    redis = await ownRedis();
  }, 60_000);
  afterAll(() => redis.remove());
  beforeEach(async () => {
    rig = await IngestRig.make();
  }, 60_000);
  afterEach(async () => {
    await rig.remove();
  }, 60_000);

  const settings = () => ({ REDIS_URL: redis.url, PARKED_JOBS_PER_SECOND: '100' });

  /** Messages that were parked for a fault that is mended now. */
  async function park(): Promise<void> {
    const parked = new ParkedMessages(rig.db);
    for (let n = 0; n < MESSAGES; n++) {
      const event = rig.series(`n${n % DEVICES}`, 1, Math.floor(n / DEVICES));
      await parked.park({
        workspace: 'default',
        queue: rig.names.ingestTelemetry,
        exchange: rig.names.events,
        routingKey: `default.telemetry.observed.acme.${rig.connectionId}.${event.subject}`,
        headers: {},
        reason: 'refused-by-database',
        problems: [],
        connectionId: rig.connectionId,
        deviceId: event.subject,
        payload: Buffer.from(JSON.stringify(event)),
      });
    }
  }

  /** As the api makes one; `told` is whether anybody hears of it. */
  async function startJob({ told }: { told: boolean }): Promise<void> {
    const id = newId('pjb');
    await rig.db.pool.query('update parked_message set job_id = $1', [id]);
    await rig.db.pool.query(
      `insert into parked_job (id, workspace_id, kind, selection, actor, state, total)
       values ($1, 'default', 'replay', '{}', 'key_test', 'running', $2)`,
      [id, MESSAGES],
    );
    if (told) await rig.publisher.send(rig.names.ingestReplays, { jobId: id }, { messageId: newEventId() });
  }

  /** Every message was replayed once and counted once, and every point is there. */
  async function expectAllReplayed(): Promise<void> {
    await untilEqual('the job has ended', () => rig.count(`parked_job where state = 'completed'`), 1, 60_000);
    const { rows } = await rig.db.pool.query(
      'select total, replayed, still_parked, discarded, skipped from parked_job',
    );
    expect(rows).toEqual([{ total: MESSAGES, replayed: MESSAGES, still_parked: 0, discarded: 0, skipped: 0 }]);
    expect(await rig.count(`parked_message where state = 'replayed' and replays = 1 and job_id is null`)).toBe(
      MESSAGES,
    );
    expect(await rig.points()).toBe(MESSAGES);
  }

  it('goes on where it was when the process that was at it is killed over a message, and counts none twice', async () => {
    await park();
    const env = rig.env({ ...settings(), TRIBUTARY_FAILPOINT: 'after-copy-before-commit:exit:30' });
    const killed = ServiceProcess.spawn({ name: 'ingest', entry: entryOf('telemetry-ingest'), env });
    try {
      await killed.ready();
      await startJob({ told: true });
      await eventually('it is killed', () => !killed.running, { timeoutMs: 60_000 });
    } finally {
      await killed.kill();
    }
    const left = await rig.count('parked_message where job_id is not null');
    expect(left).toBeGreaterThan(MESSAGES - 30);
    expect(left).toBeLessThan(MESSAGES);
    await rig.start(settings());
    await expectAllReplayed();
  }, 120_000);

  it('goes on when Redis is wiped under it, and when that has forgotten it before anybody took it', async () => {
    await park();
    const ingest = await rig.start(settings());
    await startJob({ told: false });
    const wipe = () => spawnSync('redis-cli', ['-p', String(redis.port), 'flushall']);
    for (const least of [1, 101]) {
      await untilEqual(
        `${least} are settled`,
        async () => Math.min(least, MESSAGES - (await rig.count('parked_message where job_id is not null'))),
        least,
      );
      wipe();
    }
    await expectAllReplayed();
    expect(ingest.health.readiness().ready).toBe(true);
  }, 120_000);
});
