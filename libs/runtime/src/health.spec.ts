import { describe, expect, it } from '@jest/globals';
import { Health } from './health.ts';
import { ManualClock } from './manual-clock.ts';
import { Metrics } from './metrics.ts';
import { startOpsServer } from './ops-server.ts';

describe('Health', () => {
  it('is ready when every part is, and not for good once it stops', () => {
    const health = new Health(new ManualClock());
    const database = health.part('database');
    expect(health.readiness()).toEqual({ ready: false, checks: { database: { ready: false, reason: 'starting' } } });
    database.ready();
    expect(health.readiness().ready).toBe(true);
    health.stopping();
    expect(health.readiness().ready).toBe(false);
  });

  it('stays alive while a dependency is away: liveness looks at the event loop alone', async () => {
    const clock = new ManualClock();
    const health = new Health(clock);
    health.part('database').unready('refused');
    await clock.advance(60_000);
    expect(health.alive()).toBe(true);
  });
});

describe('startOpsServer', () => {
  it('answers probes and metrics, and 404 elsewhere', async () => {
    const health = new Health(new ManualClock());
    const part = health.part('broker');
    const metrics = new Metrics('test');
    metrics.counter('things_total', { help: 'things' }).inc(3);
    const server = await startOpsServer({ port: 0, health, metrics });
    const get = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
      return { status: answer.status, text: await answer.text() };
    };
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    part.ready();
    expect((await get('/readyz')).status).toBe(200);
    expect((await get('/metrics')).text).toContain('tributary_things_total{service="test"} 3');
    expect((await get('/elsewhere')).status).toBe(404);
    await server.close();
  });
});
