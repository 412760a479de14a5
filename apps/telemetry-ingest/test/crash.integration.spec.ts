import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { entryOf, eventually, ServiceProcess } from '@tributary/testing';
import { IngestRig, untilEqual } from './ingest-rig.ts';

describe('the built service, ended again and again (at every place: e2e/src/failpoints.spec.ts)', () => {
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
