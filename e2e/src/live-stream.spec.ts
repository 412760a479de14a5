import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type OchnoSimulator, startOchno } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

const PORTS = 500;
const MESSAGES_PER_SECOND = 2_000;
const SECONDS = 12;
/** Renewed at 77 % of it, so that several sessions follow one another under load. */
const CREDENTIAL_LIFE_MS = 10_000;
const COMPANIES = 2;

describe(`a live stream of ${MESSAGES_PER_SECOND} messages a second from ${PORTS} ports`, () => {
  let stage: Stage;
  let simulator: OchnoSimulator;

  beforeAll(async () => {
    simulator = await startOchno({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: PORTS,
      otherDevices: 4,
      cadenceMs: (PORTS * 1_000) / MESSAGES_PER_SECOND,
      producing: false,
      historyMs: 0,
      retentionMs: 0,
      credentialLifeMs: CREDENTIAL_LIFE_MS,
      portQos: 1,
    });
    stage = await Stage.start({ simulator });
    await stage.connect();
    await simulator.journal.until({ operation: 'OCHNO-09' }, COMPANIES, AbortSignal.timeout(60_000));
    await eventually('devices', async () => (await stage.api.list('/v1/devices').all()).length > PORTS, {
      timeoutMs: 60_000,
    });
  }, 180_000);

  afterAll(() => stage?.stop(), 60_000);

  const stored = async () =>
    Number((await stage.query<{ count: string }>('select count(*)::text as count from point'))[0]?.count);

  it('is stored complete, once, over one change of credentials after another', async () => {
    const asked = () => simulator.journal.count({ operation: 'OCHNO-05' });
    const before = asked();
    const began = performance.now();
    simulator.production.resume();
    await eventually('it has run for a while', () => performance.now() - began > SECONDS * 1_000, {
      timeoutMs: 2 * SECONDS * 1_000,
    });
    simulator.production.pause();
    const seconds = (performance.now() - began) / 1_000;
    const renewals = asked() - before;
    // Counted first: to compare everything with everything again and again would take the machine away from it.
    const { points } = simulator.truth.counts();
    await eventually('as many points are stored', async () => (await stored()) >= points, {
      timeoutMs: 180_000,
      everyMs: 1_000,
    });
    const difference = await eventually(
      'they are the ones that were sent, corrections included',
      async () => {
        const found = await stage.difference(Number.MAX_SAFE_INTEGER);
        return found.missing.length + found.wrong.length === 0 && found;
      },
      { timeoutMs: 180_000, everyMs: 5_000 },
    );
    expect(difference.stored).toBeGreaterThanOrEqual(points);
    expect(await stage.query('select 1 from parked_message')).toEqual([]);
    // Nothing was missed, so nothing is told to be.
    expect(await stage.query("select 1 from platform_event where name = 'telemetry.gap'")).toEqual([]);
    const periods = (seconds * 1_000) / (CREDENTIAL_LIFE_MS * 0.775);
    // One that is still behind is not replaced: on a busy machine there are fewer, and never more.
    expect(renewals / COMPANIES).toBeGreaterThanOrEqual(1);
    expect(renewals / COMPANIES).toBeLessThanOrEqual(Math.ceil(periods));
    // The simulator kept the pace: messages carry three points and more.
    expect(points / seconds).toBeGreaterThan(3 * 0.8 * MESSAGES_PER_SECOND);
  }, 500_000);
});
