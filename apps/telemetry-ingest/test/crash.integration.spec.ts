import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { entryOf, eventually, ServiceProcess } from '@tributary/testing';
import { IngestRig, untilEqual } from './ingest-rig.ts';

/** Where the process may end, between the broker's delivery and the acknowledgement. */
const places = [
  'after-deliver',
  'after-seal',
  'after-enqueue-before-await',
  'worker-before-begin',
  'after-commit-before-complete',
  'after-complete-before-ack',
  'after-ack',
  'in-bisect',
  'after-park-before-ack',
];

describe('the built service, ended or broken at any place', () => {
  let rig: IngestRig;
  const processes: ServiceProcess[] = [];
  beforeEach(async () => {
    rig = await IngestRig.make();
  }, 30_000);
  afterEach(async () => {
    for (const process of processes.splice(0)) await process.kill();
    await rig.remove();
  }, 60_000);

  function spawn(env: Record<string, string> = {}): ServiceProcess {
    const process = ServiceProcess.spawn({ name: 'ingest', entry: entryOf('telemetry-ingest'), env: rig.env(env) });
    processes.push(process);
    return process;
  }

  const routingKey = () => `default.telemetry.observed.acme.${rig.connectionId}.x`;

  /** 20 messages of 10 points; between them one that is no JSON, and one that the database refuses. */
  async function publishMixed(round: number): Promise<void> {
    const good = Array.from({ length: 20 }, (_, i) => rig.series(`n${i}`, 10, round * 10));
    const refused = { signal: 'refused', ts: '2026-03-29T00:00:00.000Z', value: -1_000 - round };
    const events = good.toSpliced(10, 0, rig.telemetry(`refused${round}`, [refused]));
    const bodies = events.map((event) => Buffer.from(JSON.stringify(event)));
    bodies.splice(5, 0, Buffer.from(`{"round":${round}`));
    await rig.publishRaw(
      '',
      bodies.map((body) => ({ body, routingKey: routingKey() })),
    );
  }

  async function refuseSomePoints(): Promise<void> {
    await rig.db.pool.query('alter table series_latest add constraint refused check (number > -1000)');
  }

  it.each(['exit', 'throw'])(
    'loses nothing, stores nothing twice, parks the guilty alone: %s',
    async (action) => {
      await refuseSomePoints();
      let more = 0;
      const expected = (round: number) => (round + 1) * 200 + more;
      for (const [round, place] of places.entries()) {
        // All is there before the process comes, so that it arrives at once and is one batch or two.
        await publishMixed(round);
        const failing = spawn({ TRIBUTARY_FAILPOINT: `${place}:${action}:1`, INGEST_LANE: 'queued' });
        if (action === 'exit') {
          // The first batches may go directly, while Redis is not connected yet; later ones pass every place.
          await eventually(
            `the end at ${place}`,
            async () => {
              if (failing.running) await rig.publish(rig.series('more', 1, more++));
              return !failing.running;
            },
            { everyMs: 500 },
          );
        } else await untilEqual(`points after ${place}`, rig.points, expected(round));
        await failing.kill();
        const mended = spawn();
        await untilEqual(`points after ${place}`, rig.points, expected(round));
        await untilEqual(`parked after ${place}`, () => rig.count('parked_message'), (round + 1) * 2);
        await untilEqual(`backlog after ${place}`, () => rig.backlog(rig.names.ingestTelemetry), 0);
        await mended.stop();
      }
      expect(await rig.count('(select distinct series_id, ts from point) p')).toBe(places.length * 200 + more);
      expect(await rig.count('point_revision')).toBe(0);
      expect(await rig.backlog(rig.names.ingestTelemetry)).toBe(0);
    },
    180_000,
  );

  it('messages that were there at three crashes are read by another process first, and all are stored', async () => {
    for (let i = 0; i < 30; i += 1) await rig.publish(rig.series(`n${i}`, 10));
    for (let crash = 0; crash < 3; crash += 1) {
      const killed = spawn({ TRIBUTARY_FAILPOINT: 'after-seal:exit:1' });
      await killed.exited;
    }
    const mended = spawn();
    await untilEqual('points', rig.points, 300);
    const { port } = await mended.ready();
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    // All 30 had come back more than once.
    expect(metrics).toMatch(/ingest_delivery_count_bucket\{le="1",[^}]*"telemetry"\} 0\n/);
    expect(await mended.stop()).toBe(0);
    expect(await rig.backlog(rig.names.ingestTelemetry)).toBe(0);
  }, 90_000);

  it('stops in order under load: what it holds is committed and acknowledged, and the rest waits', async () => {
    const service = spawn();
    await service.ready();
    let published = 0;
    let flowing = true;
    const flow = (async () => {
      while (flowing) {
        await rig.publish(rig.series(`n${published % 9}`, 20, Math.floor(published / 9) * 20));
        published += 1;
      }
    })();
    await eventually('some are stored', async () => (await rig.points()) > 2_000);
    const from = performance.now();
    expect(await service.stop()).toBe(0);
    expect(performance.now() - from).toBeLessThan(10_000);
    flowing = false;
    await flow;
    // Nothing was stored that is not acknowledged: what is stored and what waits are all there is.
    const waiting = await rig.backlog(rig.names.ingestTelemetry);
    expect((await rig.points()) + waiting * 20).toBe(published * 20);
    spawn();
    await untilEqual('points', rig.points, published * 20);
  }, 90_000);
});
