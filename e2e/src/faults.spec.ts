import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import {
  eventually,
  FaultProxy,
  missingPrograms,
  type OwnService,
  ownPostgres,
  ownRabbitmq,
  ownRedis,
} from '@tributary/testing';
import { Redis } from 'ioredis';
import { Stage } from './stage.ts';

const describeWhere = missingPrograms().length === 0 ? describe : describe.skip;

describeWhere('while data flows', () => {
  const services: OwnService[] = [];
  let postgres: OwnService;
  let rabbitmq: OwnService;
  let redis: OwnService;
  let wire: FaultProxy;
  let stage: Stage;

  beforeAll(async () => {
    [postgres, rabbitmq, redis] = await Promise.all([ownPostgres(), ownRabbitmq(), ownRedis()]);
    services.push(postgres, rabbitmq, redis);
    wire = await FaultProxy.start({ host: '127.0.0.1', port: rabbitmq.port });
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 30,
      otherDevices: 0,
      cadenceMs: 1_000,
      historyMs: 5_000,
      irregular: { late: 0.02, duplicate: 0.02, swapped: 0.02, corrected: 0.02 },
    });
    stage = await Stage.start({
      simulator,
      backing: { databaseUrl: postgres.url, rabbitmqUrl: rabbitmq.url, redisUrl: redis.url },
      // The adapter alone reaches the broker through the proxy, so that only its connections are cut.
      envOf: { adapter: { RABBITMQ_URL: wire.through(rabbitmq.url), LEASE_TTL: '5s' } },
      settings: { schedules: { discover: '20s', telemetry: '1s' }, telemetry: { lookBack: '3m' } },
    });
    await stage.connect();
    await flowing();
  }, 240_000);

  afterAll(async () => {
    await stage?.stop().catch(() => undefined);
    await wire?.stop();
    await Promise.all(services.map((service) => service.remove()));
  }, 120_000);

  /** Points of a moment after now are committed: the chain is alive from end to end. */
  async function flowing(timeoutMs = 90_000): Promise<void> {
    const since = new Date(stage.simulator.clock.now()).toISOString();
    await eventually(
      'points of after the fault are stored',
      async () => {
        const rows = await stage.query('select 1 from series_latest where ts > $1 limit 1', [since]);
        return rows.length > 0;
      },
      { timeoutMs, everyMs: 250 },
    );
  }

  it('kill -9 of telemetry-ingest', async () => {
    await stage.house.get('telemetry-ingest').kill();
    await stage.house.spawnApp('telemetry-ingest').ready();
    await flowing();
  }, 120_000);

  it('kill -9 of the adapter', async () => {
    await stage.house.get('adapter').kill();
    await stage.house.spawnApp('adapter-opticloud', {}, 'adapter').ready();
    await flowing();
  }, 120_000);

  it('the adapter’s TCP connections are cut', async () => {
    for (let cut = 0; cut < 3; cut += 1) {
      wire.cut();
      await flowing();
    }
  }, 180_000);

  it('RabbitMQ restarts', async () => {
    await rabbitmq.stop();
    await rabbitmq.start();
    await flowing();
  }, 240_000);

  it('FLUSHALL on Redis, again and again', async () => {
    const client = new Redis(redis.url);
    for (let flush = 0; flush < 3; flush += 1) {
      await client.flushall();
      await flowing();
    }
    client.disconnect();
  }, 180_000);

  it('Postgres is away for 30 s', async () => {
    const stopped = performance.now();
    await postgres.stop();
    await eventually('30 s have passed', () => performance.now() - stopped > 30_000, {
      timeoutMs: 40_000,
      everyMs: 500,
    });
    await postgres.start();
    await flowing(120_000);
  }, 240_000);

  it('one poison message among thousands is parked with its reason', async () => {
    const amqp = (await import('amqplib')).default;
    const connection = await amqp.connect(rabbitmq.url);
    const channel = await connection.createConfirmChannel();
    channel.publish(
      `${stage.namespace}.events`,
      `default.telemetry.observed.opticloud.${stage.connectionId}.dev_x`,
      Buffer.from('{"specversion":"1.0","id":'),
      { persistent: true },
    );
    await channel.waitForConfirms();
    await connection.close();
    const parked = await eventually(
      'it is parked',
      async () => (await stage.query<{ reason: string }>('select reason from parked_message'))[0],
    );
    expect(parked.reason).not.toBe('');
    await flowing();
  }, 120_000);

  it('afterwards: stored set = ground truth, no twin, nothing else parked', async () => {
    const result = await stage.settled(180_000);
    await eventually(
      'corrections are stored',
      async () => (await stage.difference(Number.MAX_SAFE_INTEGER)).wrong.length === 0,
    );
    expect(result.invented).toEqual([]);
    const twins = await stage.query('select series_id, ts from point group by series_id, ts having count(*) > 1');
    expect(twins).toEqual([]);
    expect(await stage.query('select 1 from parked_message')).toHaveLength(1);
  }, 240_000);
});
