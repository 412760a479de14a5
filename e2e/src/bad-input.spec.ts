import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import { adapterNames, entryOf, eventually, newSealingKey, ServiceProcess, unusedPort } from '@tributary/testing';
import { Stage } from './stage.ts';

describe('wrong configuration', () => {
  const apps = ['api', 'telemetry-ingest', ...adapterNames()];

  it.each(apps)(
    '%s does not start, names every problem and shows no value',
    async (app) => {
      const env = {
        DATABASE_URL: 'mysql://canary-1',
        RABBITMQ_URL: 'canary-2',
        LOG_LEVEL: 'canary-3',
        PORT: 'canary-4',
      };
      const service = ServiceProcess.spawn({ name: app, entry: entryOf(app), env });
      expect(await service.exited).toBe(78);
      for (const key of Object.keys(env)) expect(service.output).toContain(key);
      expect(service.output).not.toContain('canary');
    },
    30_000,
  );

  it.each(apps)(
    '%s comes up and says what is missing when nothing answers',
    async (app) => {
      const nowhere = '127.0.0.1:9';
      const port = await unusedPort();
      const service = ServiceProcess.spawn({
        name: app,
        entry: entryOf(app),
        env: {
          DATABASE_URL: `postgres://x@${nowhere}/x`,
          RABBITMQ_URL: `amqp://${nowhere}`,
          REDIS_URL: `redis://${nowhere}`,
          TRIBUTARY_KEYS: newSealingKey(),
          PORT: String(port),
        },
      });
      const probe = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
      await eventually('it is alive', async () => (await probe('/livez')).status === 200);
      const readiness = await probe('/readyz');
      expect(readiness.status).toBe(503);
      expect(JSON.stringify(await readiness.json())).toMatch(/database/);
      expect(await service.stop()).toBe(0);
    },
    60_000,
  );
});

describe('wrong credentials', () => {
  let stage: Stage;

  beforeAll(async () => {
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 2,
      otherDevices: 0,
      historyMs: 1_000,
    });
    stage = await Stage.start({ simulator, settings: { schedules: { discover: '1s', telemetry: '1s' } } });
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  it('give connection-unauthorized and no storm of log-ins', async () => {
    const id = await stage.connect({
      credentials: { ...stage.simulator.demoConnection.credentials, password: 'wrong' },
    });
    const path = { connectionId: id };
    await eventually(
      'the connection is unauthorized',
      async () => (await stage.api.get('/v1/connections/{connectionId}', { path })).status === 'unauthorized',
    );
    const attempts = stage.simulator.journal.count({ operation: 'OPTI-01' });
    const began = performance.now();
    await eventually('ten seconds have passed', () => performance.now() - began > 10_000, {
      timeoutMs: 20_000,
      everyMs: 500,
    });
    expect(stage.simulator.journal.count({ operation: 'OPTI-01' })).toBeLessThanOrEqual(attempts + 1);
    const check = await stage.api.post('/v1/connections/{connectionId}:test', { path });
    expect(check.ok).toBe(false);
    expect(check.checks.some((c) => c.error?.code === 'authentication')).toBe(true);
  }, 90_000);

  it('are mended by a PATCH, without a restart', async () => {
    const [connection] = await stage.api.list('/v1/connections').all();
    const { credentials } = stage.simulator.demoConnection;
    const path = { connectionId: connection?.id ?? '' };
    await stage.api.change('/v1/connections/{connectionId}', { path }, () => ({ credentials }));
    await eventually('data flows', async () => (await stage.query('select 1 from series_latest limit 1')).length > 0, {
      timeoutMs: 60_000,
    });
  }, 90_000);
});
