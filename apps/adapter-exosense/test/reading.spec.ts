import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { discover, never, pointsBy, type Rig, run, startRig, truthOf } from './rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await startRig({ devices: 23, producing: false, historyMs: 120_000, retentionMs: 0 }, { pageSize: 10 });
});
afterAll(() => rig.stop());

describe('assets', () => {
  it('are found page by page, each where it is', async () => {
    const devices = await rig.through(discover(rig));
    expect(devices).toHaveLength(23);
    console.log(JSON.stringify(devices[0], null, 1));
  });
});

describe('telemetry', () => {
  it('brings every point', async () => {
    const { observations, checkpoint } = await rig.through(run(rig.adapter.polls?.telemetry));
    const found = pointsBy(observations);
    const truth = truthOf(rig.simulator);
    console.log(found.size, truth.size, checkpoint, rig.adapter.limitations?.());
    for (const [k, v] of truth) if (!found.has(k)) { console.log('missing', k, v); break; }
    expect(found).toEqual(truth);
  });
});
