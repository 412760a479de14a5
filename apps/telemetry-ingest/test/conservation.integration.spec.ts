import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inTransaction, settleDiscarded } from '@tributary/database';
import { eventually } from '@tributary/testing';
import { connect } from 'amqplib';
import { TelemetryHandling } from '../src/telemetry/telemetry-handling.ts';
import { AdapterRun } from './adapter-run.ts';
import { IngestRig, START_MS, untilEqual } from './ingest-rig.ts';

const RABBITMQ = 'amqp://guest:guest@127.0.0.1:5672';

describe('the conservation account', () => {
  let rig: IngestRig;
  beforeEach(async () => {
    rig = await IngestRig.make();
  }, 30_000);
  afterEach(async () => {
    jest.restoreAllMocks();
    await rig.remove();
  }, 30_000);

  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const key = () => `default.telemetry.observed.acme.${rig.connectionId}.x`;
  const at = (second: number) => new Date(START_MS + second * 1_000).toISOString();

  it('has a place for every point, whatever became of it', async () => {
    const ingest = await rig.start({ TELEMETRY_RETENTION: '500d' });
    const run = new AdapterRun(rig);
    const value = (second: number, value: unknown) => ({ signal: 's', ts: at(second), value: value as number });
    const first = run.number(rig.series('n1', 10));
    const events = [
      first,
      run.number(rig.telemetry('n1', [{ ...value(0, 0), signal: 'power' }])),
      run.number(rig.telemetry('n1', [{ ...value(1, 7), signal: 'power' }])),
      run.number(rig.telemetry('n2', [value(0, 1), value(1, null), { ...value(2, 1), ts: '2020-01-01T00:00:00Z' }])),
      run.number(rig.telemetry('n2', [value(3, 'a\u0000b'), value(4, 1)])),
    ];
    for (const event of events) {
      await rig.publishRaw('', [{ body: json(event), routingKey: key() }]);
      await untilEqual('held', () => ingest.metric('ingest_in_flight_points'), 0);
    }
    await rig.publishRaw('', [{ body: json(first), routingKey: key() }]);
    await run.end();
    await eventually('the copy has come', async () => (await run.balance()).redelivered === 10);
    expect(await run.settled()).toEqual({
      received: 17,
      stored: 12,
      duplicate: 1,
      superseded: 0,
      parked: 2,
      expired: 1,
      discarded: 0,
      inFlight: 0,
      missing: 0,
      redelivered: 10,
      holes: '{}',
    });
    await untilEqual('the metric', () => ingest.metric('conservation_imbalance_points'), 0);
    await eventually('the minute is closed', async () => (await rig.count('conservation_minute where checked')) === 1);
  }, 60_000);

  it('a parked message moves to where its points end: stored by a replay, discarded by a person', async () => {
    await rig.start();
    await rig.db.pool.query('alter table series_latest add constraint spoiled check (number < 7)');
    const run = new AdapterRun(rig);
    for (const event of [rig.series('n1', 3, 7), rig.series('n2', 2, 7)]) await rig.publish(run.number(event));
    await run.end();
    await untilEqual('parked', () => rig.count(`parked_message where state = 'parked'`), 2);
    expect(await run.settled()).toMatchObject({ received: 5, parked: 5, missing: 0 });
    const { rows } = await rig.db.pool.query<{ id: string }>(
      'select id from parked_message order by numbers_in(numbers) desc',
    );
    await rig.db.pool.query('alter table series_latest drop constraint spoiled');
    for (const messageId of ['1', '2']) {
      await rig.publisher.send(rig.names.ingestReplays, { parkedId: rows[0]?.id }, { messageId });
    }
    await untilEqual('replayed', () => rig.count(`parked_message where state = 'replayed'`), 1);
    expect(await run.balance()).toMatchObject({ received: 5, stored: 3, parked: 2, missing: 0 });
    for (let twice = 0; twice < 2; twice++) {
      await inTransaction(rig.db.pool, (client) => settleDiscarded(client, rows[1]?.id ?? ''));
    }
    expect(await run.balance()).toMatchObject({ received: 5, stored: 3, parked: 0, discarded: 2, missing: 0 });
  }, 60_000);

  it('an acknowledgement before the commit leaves a hole, and it is named', async () => {
    const ingest = await rig.start();
    const run = new AdapterRun(rig);
    const good = run.number(rig.series('n1', 4));
    const doomed = run.number(rig.series('n2', 3));
    const last = run.number(rig.series('n3', 2));
    // What the planted mistake does: it says "stored", the message is acknowledged, and then nothing is stored.
    const store = TelemetryHandling.prototype.store;
    jest.spyOn(TelemetryHandling.prototype, 'store').mockImplementation(function (
      this: TelemetryHandling,
      batch,
      signal,
    ) {
      const kept = batch.filter(({ item }) => item.nativeId !== 'n2');
      return kept.length === 0 ? Promise.resolve([]) : store.call(this, kept, signal);
    } as typeof store);
    for (const event of [good, doomed, last]) await rig.publish(event);
    await run.end();
    await untilEqual('the metric', () => ingest.metric('conservation_imbalance_points'), 3);
    expect(await run.balance()).toMatchObject({ received: 9, stored: 6, inFlight: 0, missing: 3, holes: '{[4,7)}' });
    // It is not forgotten by time, nor closed.
    expect(await rig.count('conservation_minute where checked')).toBe(0);
    // Only the points themselves mend it.
    jest.restoreAllMocks();
    await rig.publish(doomed);
    await untilEqual('the metric', () => ingest.metric('conservation_imbalance_points'), 0);
    expect(await run.balance()).toMatchObject({ received: 9, stored: 9, missing: 0, holes: '{}' });
  }, 60_000);

  it('what the broker lost is missing; what it still holds is in flight, however long', async () => {
    const run = new AdapterRun(rig);
    await rig.publish(run.number(rig.series('n1', 4)));
    const model = await connect(RABBITMQ);
    const channel = await model.createChannel();
    await untilEqual('messages', () => rig.backlog(rig.names.ingestTelemetry), 1);
    await channel.purgeQueue(rig.names.ingestTelemetry);
    await rig.publish(run.number(rig.series('n1', 5, 4)));
    await run.end();
    // Nobody is there to look: nothing is claimed to be lost.
    expect(await run.balance()).toMatchObject({ received: 9, inFlight: 9, missing: 0 });
    const ingest = await rig.start();
    await untilEqual('the metric', () => ingest.metric('conservation_imbalance_points'), 4);
    expect(await run.balance()).toMatchObject({ received: 9, stored: 5, missing: 4, holes: '{[0,4)}' });
    await model.close();
  }, 60_000);

  it('while the database cannot take it nothing is missing, only under way', async () => {
    const ingest = await rig.start();
    const run = new AdapterRun(rig);
    await rig.db.pool.query('alter table series_latest rename column rev to other');
    await rig.publish(run.number(rig.series('n1', 4)));
    await run.end();
    await eventually('unready', () => !ingest.health.readiness().ready);
    // Several looks later.
    const looks = () => rig.count('intake_replica where alive_until > $1', [new Date(Date.now() + 2_000)]);
    await eventually('it was looked', async () => (await looks()) === 1);
    expect(await run.balance()).toMatchObject({ received: 4, inFlight: 4, missing: 0 });
    await rig.db.pool.query('alter table series_latest rename column other to rev');
    expect(await run.settled()).toMatchObject({ received: 4, stored: 4, missing: 0 });
  }, 60_000);
});
