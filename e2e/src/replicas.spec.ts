import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOpticloud } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { Stage } from './stage.ts';

const CONNECTIONS = 40;
const LEASE_MS = 4_000;

interface Lease extends Record<string, unknown> {
  connection_id: string;
  replica: string;
  epoch: string;
}

describe('two replicas of an adapter and forty connections', () => {
  let stage: Stage;

  beforeAll(async () => {
    const simulator = await startOpticloud({
      port: 0,
      mqttPort: 0,
      controlPort: 0,
      devices: 2,
      otherDevices: 0,
      signalsPerDevice: 3,
      cadenceMs: 2_000,
      historyMs: 5_000,
    });
    stage = await Stage.start({
      simulator,
      apps: {
        'telemetry-ingest': 'telemetry-ingest',
        api: 'api',
        first: 'adapter-opticloud',
        second: 'adapter-opticloud',
      },
      env: { LEASE_TTL: `${LEASE_MS}ms` },
      settings: { schedules: { discover: '20s', telemetry: '3s' } },
    });
    for (let n = 0; n < CONNECTIONS; n += 1) await stage.connect({ name: `account ${n}` });
  }, 180_000);

  afterAll(() => stage?.stop(), 60_000);

  const leases = () =>
    stage.query<Lease>(
      `select connection_id, replica, epoch from connection_lease where leased_until > now() and replica is not null`,
    );
  const owners = async () => new Set((await leases()).map((lease) => lease.replica));
  /** Connections of which every device has brought something lately; all share one account's budget. */
  const alive = async () =>
    Number(
      (
        await stage.query<{ n: string }>(
          `select count(distinct d.connection_id) as n from series_latest l join series s on s.id = l.series_id
           join device d on d.id = s.device_id where l.observed_at > now() - interval '30 seconds'`,
        )
      )[0]?.n,
    );

  it('each connection has one owner, and both replicas own some', async () => {
    await eventually(
      'all are leased by two replicas',
      async () => (await leases()).length === CONNECTIONS && (await owners()).size === 2,
      { timeoutMs: 60_000 },
    );
    await eventually('all of them bring data', async () => (await alive()) === CONNECTIONS, { timeoutMs: 60_000 });
  }, 150_000);

  it('a replica that is killed is replaced within its lease', async () => {
    await stage.house.get('first').kill();
    const killed = performance.now();
    await eventually(
      'one replica owns all',
      async () => (await leases()).length === CONNECTIONS && (await owners()).size === 1,
      { timeoutMs: 60_000 },
    );
    expect(performance.now() - killed).toBeLessThan(LEASE_MS * 3);
    await eventually('all bring data again', async () => (await alive()) === CONNECTIONS, { timeoutMs: 90_000 });
  }, 180_000);

  it('a replica that comes later gets its share', async () => {
    await stage.house.spawnApp('adapter-opticloud', {}, 'first').ready();
    const share = async () => [...Map.groupBy(await leases(), (lease) => lease.replica).values()].map((l) => l.length);
    await eventually('each owns half', async () => (await share()).join() === `${CONNECTIONS / 2},${CONNECTIONS / 2}`, {
      timeoutMs: 60_000,
    });
    await eventually('all bring data', async () => (await alive()) === CONNECTIONS, { timeoutMs: 60_000 });
  }, 150_000);

  it('a paused zombie writes nothing when it wakes', async () => {
    const before = await leases();
    // It owns half of them, and sleeps for longer than its leases.
    const sleeper = stage.house.get('second');
    sleeper.signal('SIGSTOP');
    await eventually(
      'the other owns all',
      async () => (await leases()).length === CONNECTIONS && (await owners()).size === 1,
      { timeoutMs: 60_000 },
    );
    const [heir] = await owners();
    const lost = before.filter(({ replica }) => replica !== heir);
    expect(lost).toHaveLength(CONNECTIONS / 2);
    const [woken] = await stage.query<{ now: Date }>('select now()');
    sleeper.signal('SIGCONT');
    await eventually(
      'the new owner has gone on for a while',
      async () =>
        (
          await stage.query("select 1 from checkpoint where updated_at > $1::timestamptz + interval '5 seconds'", [
            woken?.now,
          ])
        ).length > 0,
      { timeoutMs: 60_000 },
    );
    // Nothing that was written since then carries an epoch under which the sleeper owned the connection.
    const stale = await stage.query(
      `select c.connection_id from checkpoint c
       join unnest($2::text[], $3::bigint[]) as was(id, epoch) on was.id = c.connection_id
       where c.updated_at > $1 and c.epoch <= was.epoch`,
      [woken?.now, lost.map((lease) => lease.connection_id), lost.map((lease) => lease.epoch)],
    );
    expect(stale).toEqual([]);
    await eventually('it has its share again', async () => (await owners()).size === 2, { timeoutMs: 60_000 });
    expect(await stage.query('select 1 from parked_message')).toHaveLength(0);
    stage.simulator.production.pause();
    await stage.balanced(90_000);
  }, 240_000);
});
