import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OchnoSimulator, startOchno } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

describe('the account of a connection that is streamed to', () => {
  let stage: Stage;
  let simulator: OchnoSimulator;

  beforeAll(async () => {
    simulator = await startOchno({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 24,
      otherDevices: 0,
      cadenceMs: 250,
      producing: false,
      historyMs: 0,
      retentionMs: 0,
      portQos: 1,
    });
    stage = await Stage.start({ simulator, env: { LEASE_TTL: '5s' } });
    await stage.connect();
    await simulator.journal.until({ operation: 'OCHNO-09' }, 1, AbortSignal.timeout(60_000));
  }, 120_000);

  afterAll(() => stage?.stop(), 60_000);

  /** Production goes on until the platform has streamed so many points more. */
  async function stream(points: number): Promise<void> {
    const from = simulator.truth.counts().points;
    simulator.production.resume();
    await eventually(`${points} points are streamed`, () => simulator.truth.counts().points - from > points, {
      timeoutMs: 60_000,
    });
  }
  const stored = async () => Number((await stage.query<{ n: string }>('select count(*) as n from point'))[0]?.n);
  /** Without what was read again. */
  const brought = async () => {
    const { received, duplicate, dropped } = await stage.balanced();
    return received - duplicate - (dropped.unchanged ?? 0);
  };

  it('the adapter received exactly as many points as the platform streamed', async () => {
    // What the ports hold is read once at the beginning; with its checkpoint it stands in the account.
    const path = { connectionId: stage.connectionId };
    await eventually('the ports were read', async () => {
      const { items } = await stage.api.get('/v1/connections/{connectionId}/checkpoints', { path });
      return items.some(({ name }) => name === 'reconcile');
    });
    const before = await brought();
    await stream(1_000);
    simulator.production.pause();
    await eventually('received = streamed', async () => {
      const { points, corrections } = simulator.truth.counts();
      const received = (await brought()) - before;
      if (received !== points + corrections) throw new Error(`${received} of ${points + corrections}`);
      return true;
    });
  }, 120_000);

  it('it balances after kill -9 of the adapter in mid-stream, and of the intake', async () => {
    await stream(300);
    await stage.house.get('adapter').kill();
    await stage.house.get('telemetry-ingest').kill();
    const before = await stored();
    await stage.house.spawnApp('telemetry-ingest').ready();
    await stage.house.spawnApp('adapter-ochno', {}, 'adapter').ready();
    await eventually('data flows again', async () => (await stored()) > before + 100, { timeoutMs: 90_000 });
    simulator.production.pause();
    // Each point of the store is there once and counted once, whichever run brought it, however often.
    const account = await eventually('stored = counted as stored', async () => {
      const counted = await stage.balanced();
      return counted.stored === (await stored()) && counted;
    });
    expect(account.missing).toBe(0);
    expect(account.received).toBeGreaterThanOrEqual(account.stored);
    expect((await stage.query('select distinct run from conservation_minute')).length).toBeGreaterThan(1);
  }, 240_000);
});
