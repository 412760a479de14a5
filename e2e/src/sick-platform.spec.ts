import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

interface Health {
  status: string;
  breakers: { class: string; state: string }[];
}

describe('a platform that falls ill', () => {
  let stage: Stage;
  let connection: string;

  beforeAll(async () => {
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 40,
      otherDevices: 0,
      cadenceMs: 1_000,
      historyMs: 5_000,
      irregular: { late: 0, duplicate: 0, swapped: 0, corrected: 0 },
    });
    stage = await Stage.start({
      simulator,
      settings: { schedules: { discover: '10s', telemetry: '1s' }, telemetry: { lookBack: '3m' } },
    });
    connection = await stage.connect();
    await eventually('data', async () => (await stage.query('select 1 from series_latest limit 1')).length > 0);
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  const health = () => stage.api.get<Health>(`/v1/connections/${connection}/health`);
  const logins = () => stage.simulator.journal.count({ operation: 'OPTI-02' });
  const noGap = async () => {
    const result = await stage.settled(90_000);
    expect(result.wrong).toEqual([]);
    expect(result.invented).toEqual([]);
    stage.simulator.production.resume();
  };

  it('OPTI-03 tokens that expire in mid-sweep cost no point and no storm of log-ins', async () => {
    for (let round = 0; round < 5; round += 1) {
      const before = stage.simulator.journal.position;
      const loginsBefore = logins();
      stage.simulator.faults.add({ kind: 'expire-tokens' });
      await stage.simulator.journal.until({ operation: 'OPTI-11', status: 200, after: before }, 80);
      expect(logins() - loginsBefore).toBeLessThanOrEqual(2);
    }
    await noGap();
  }, 180_000);

  it('bursts of 429 are waited out: nothing is asked before Retry-After, nothing is lost', async () => {
    stage.simulator.faults.add({ kind: 'rate-limit', retryAfterSeconds: 3 }, { operation: 'OPTI-11', count: 10 });
    await eventually(
      'the burst is over',
      () => stage.simulator.journal.count({ operation: 'OPTI-11', status: 429 }) > 0,
    );
    await noGap();
  }, 180_000);

  it('bursts of 500 are retried within reason, and nothing is lost', async () => {
    stage.simulator.faults.add(
      { kind: 'status', status: 500 },
      { operation: 'OPTI-11', probability: 0.3, seed: 7, forMs: 15_000 },
    );
    await eventually(
      'errors were answered',
      () => stage.simulator.journal.count({ operation: 'OPTI-11', status: 500 }) >= 5,
      { timeoutMs: 60_000 },
    );
    await eventually(
      'the burst is over',
      () => !stage.simulator.faults.list().some(({ fault }) => fault.kind === 'status'),
    );
    await noGap();
  }, 180_000);

  it('an outage opens the breaker, latest values still answer with their age, and the gap is closed afterwards', async () => {
    const outage = stage.simulator.faults.outage('close');
    const open = await eventually(
      'an open breaker',
      async () => (await health()).breakers.find((b) => b.state === 'open'),
      { timeoutMs: 90_000 },
    );
    expect(open.class).toBe('read');
    const began = stage.simulator.journal.position;
    const asked = performance.now();
    const { items } = await stage.api.get<{ items: { ageMs: number }[] }>('/v1/telemetry/latest?limit=10');
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect(items.length).toBe(10);
    await eventually(
      'the answers grow old',
      async () => {
        const again = await stage.api.get<{ items: { ageMs: number }[] }>('/v1/telemetry/latest?limit=10');
        return again.items.every((p) => p.ageMs > 20_000);
      },
      { timeoutMs: 60_000, everyMs: 1_000 },
    );
    // Held back: a minute of outage does not mean a minute of hammering.
    expect(stage.simulator.journal.count({ after: began })).toBeLessThan(60);
    expect((await health()).status).toBe('degraded');
    stage.simulator.faults.clear(outage);
    await eventually('the connection has recovered', async () => (await health()).status === 'connected', {
      timeoutMs: 150_000,
      everyMs: 500,
    });
    await noGap();
  }, 360_000);

  it('answers that do not fit the document harm nobody else', async () => {
    stage.simulator.faults.add({ kind: 'malformed', as: 'html' }, { operation: 'OPTI-11', count: 5 });
    stage.simulator.faults.add({ kind: 'malformed', as: 'deep' }, { operation: 'OPTI-11', count: 5 });
    stage.simulator.faults.add({ kind: 'malformed', as: 'gzip-bomb' }, { operation: 'OPTI-11', count: 2 });
    stage.simulator.faults.add({ kind: 'truncated' }, { operation: 'OPTI-11', count: 5 });
    await eventually(
      'all of them were served',
      () => stage.simulator.faults.list().every((f) => f.hits === f.scope.count),
      {
        timeoutMs: 60_000,
      },
    );
    await noGap();
    expect(await stage.query('select 1 from parked_message')).toHaveLength(0);
  }, 180_000);
});
