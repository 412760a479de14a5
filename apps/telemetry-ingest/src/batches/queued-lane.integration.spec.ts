import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommitReport, TelemetryBatch } from '@tributary/database';
import { Metrics, silentLogger, systemClock } from '@tributary/runtime';
import { eventually, type OwnService, ownRedis } from '@tributary/testing';
import { queues } from '../queues.ts';
import { BatchWorker } from '../telemetry/batch-worker.ts';
import { CommitLatency } from './commit-latency.ts';
import { LaneFailure, QueuedLane } from './queued-lane.ts';

const batch: TelemetryBatch = { groups: [] };
const counts = { inserted: 3, duplicate: 0, corrected: 0, superseded: 0 };
const report: CommitReport = { ...counts, connections: [], refused: [], path: 'copy' };

describe('QueuedLane and its worker, with a Redis of their own', () => {
  let redis: OwnService;
  let lane: QueuedLane;
  let worker: BatchWorker<TelemetryBatch>;
  let work: (batch: TelemetryBatch) => Promise<CommitReport>;
  let hopeless = 0;
  const cli = (...args: string[]) => spawnSync('redis-cli', ['-p', String(redis.port), ...args]).stdout.toString();

  beforeAll(async () => {
    redis = await ownRedis();
  });
  afterAll(() => redis.remove());
  beforeEach(() => {
    const namespace = `test-${randomBytes(4).toString('hex')}`;
    const shared = {
      redisUrl: redis.url,
      namespace,
      queue: queues.telemetryBatches,
      clock: systemClock,
      log: silentLogger,
    };
    work = async () => report;
    lane = new QueuedLane({ ...shared, latency: new CommitLatency() });
    worker = new BatchWorker<TelemetryBatch>({
      ...shared,
      concurrency: 2,
      process: (data) => work(data),
      onHopeless: () => {
        hopeless += 1;
      },
      metrics: new Metrics('test'),
    });
  });
  afterEach(async () => {
    await worker.close();
    await lane.close();
  });

  const commits = async (): Promise<boolean> => {
    try {
      return (await lane.commit(batch)).report.inserted === 3;
    } catch (error) {
      if (error instanceof LaneFailure) return false;
      throw error;
    }
  };

  it('tells of the commit, and leaves nothing in Redis but the last events', async () => {
    await eventually('a commit', commits);
    expect(
      cli('keys', '*')
        .split('\n')
        .filter((key) => /batches:[0-9a-f-]{36}/.test(key)),
    ).toEqual([]);
  });

  it('a job that fails is told at once', async () => {
    await eventually('a commit', commits);
    work = () => Promise.reject(new Error('refused'));
    await expect(lane.commit(batch)).rejects.toMatchObject({ kind: 'job-failed' });
  });

  it('gives up after 2 s when the job vanishes, and works again at once', async () => {
    await eventually('a commit', commits);
    let wiped = false;
    work = async () => {
      if (!wiped) cli('flushall');
      wiped = true;
      return report;
    };
    const from = performance.now();
    await expect(lane.commit(batch)).rejects.toBeInstanceOf(LaneFailure);
    expect(performance.now() - from).toBeLessThan(10_000);
    await eventually('a commit', commits);
  });

  it('fails at once while Redis is away, and works again when it is back', async () => {
    await eventually('a commit', commits);
    await redis.kill();
    await eventually('the loss is noticed', async () => !(await commits()));
    const from = performance.now();
    await expect(lane.commit(batch)).rejects.toMatchObject({ kind: 'redis' });
    expect(performance.now() - from).toBeLessThan(1_800);
    await redis.start();
    await eventually('a commit', commits, { timeoutMs: 15_000 });
  }, 30_000);

  it('a Redis that does not answer is given 2 s', async () => {
    await eventually('a commit', commits);
    cli('client', 'pause', '4000');
    const from = performance.now();
    await expect(lane.commit(batch)).rejects.toBeInstanceOf(LaneFailure);
    expect(performance.now() - from).toBeLessThan(3_900);
    await eventually('a commit', commits, { timeoutMs: 15_000 });
    expect(hopeless).toBe(0);
  }, 30_000);
});
