import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, startStill } from '../../test/exosense-caller.ts';
import { call, dig, postJson } from '../../test/opticloud-caller.ts';
import { exosenseDemoConnection } from './demo-connection.ts';
import { manifest } from './manifest.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({ limits: { requests: 1_000 } });
});
afterEach(() => sim.stop());

const list = () => ask(sim, '{ assets { id } }');

describe('ExoSense on a bad day', () => {
  it("answers 500, 502 and 503 as what stands before the vendor does, and 429 in the vendor's words", async () => {
    for (const status of [500, 502, 503]) {
      sim.faults.add({ kind: 'status', status }, { count: 1 });
      const answer = await list();
      expect([answer.status, answer.headers.get('content-type'), answer.json]).toEqual([
        status,
        'text/html',
        undefined,
      ]);
    }
    sim.faults.add({ kind: 'rate-limit', retryAfterSeconds: 3 }, { count: 1 });
    const limited = await list();
    expect([limited.status, limited.text, limited.headers.get('retry-after')]).toEqual([
      429,
      '{"errors":[{"message":"ExceededRateLimitRequests"}]}',
      '3',
    ]);
    expect((await list()).status).toBe(200);
  });

  it('resets, truncates, and changes members of the cost', async () => {
    sim.faults.add({ kind: 'reset', when: 'before' }, { count: 1 });
    await expect(list()).rejects.toThrow();
    sim.faults.add({ kind: 'truncated' }, { count: 1 });
    await expect(list()).rejects.toThrow();
    sim.faults.add({ kind: 'rewrite', changes: [{ pointer: '/extensions' }] }, { count: 1 });
    expect(Object.keys((await list()).json as object)).toEqual(['data']);
    sim.faults.add({ kind: 'rewrite', changes: [{ pointer: '/extensions/cost/credits', value: 5 }] }, { count: 1 });
    expect(dig((await list()).json, 'extensions', 'cost')).toMatchObject({ credits: 5, overRateLimit: false });
  });

  it('hits the reading of data alone when told to', async () => {
    sim.faults.add({ kind: 'status', status: 500 }, { operation: 'EXO-21' });
    expect((await list()).status).toBe(200);
    expect((await ask(sim, '{ assets { signals { data { value } } } }')).status).toBe(500);
  });

  it('a mutation can be done although its answer is lost', async () => {
    const [asset] = sim.state.assets();
    sim.faults.add({ kind: 'reset', when: 'after' }, { operation: 'EXO-10', count: 1 });
    await expect(ask(sim, `mutation { deleteAsset(id: "${asset?.id}") { id } }`)).rejects.toThrow();
    expect(sim.state.asset(asset?.id ?? '')).toBeUndefined();
  });

  it('is not reachable during an outage', async () => {
    const outage = sim.faults.outage('refuse');
    await sim.faults.settled();
    await expect(list()).rejects.toThrow();
    sim.faults.clear(outage);
    await sim.faults.settled();
    expect((await list()).status).toBe(200);
  });

  it('is controlled at another door than the vendor', async () => {
    const about = await call(`${sim.controlUrl}/_control`);
    expect(about.json).toMatchObject({ platform: 'exosense', url: sim.url, demoConnection: sim.demoConnection });
    expect((await call(`${sim.url}/_control`)).status).toBe(404);
    const tokens = (await postJson(`${sim.controlUrl}/_control/actions/tokens`, {})).json;
    expect(dig(tokens, 'result', 0)).toMatchObject({ name: 'admin', role: 'admin', groups: ['root'], revoked: false });
    expect(
      (
        await postJson(`${sim.controlUrl}/_control/actions/produce`, {
          device: 0,
          telemetry: { values: { Energy: 'x' } },
        })
      ).status,
    ).toBe(404);
    expect(exosenseDemoConnection()).toEqual(manifest.demoConnection);
  });
});
