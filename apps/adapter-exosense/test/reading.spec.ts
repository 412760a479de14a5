import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { discover, pointsBy, type Rig, run, startRig, truthOf } from './rig.ts';

let rig: Rig;

beforeAll(async () => {
  rig = await startRig({ devices: 23, producing: false, historyMs: 120_000, retentionMs: 0 }, { pageSize: 10 });
});
afterAll(() => rig.stop());

describe('assets', () => {
  it('are found page by page, each where it is', async () => {
    const devices = await rig.through(discover(rig));
    expect(devices).toHaveLength(23);
  });
});

describe('telemetry', () => {
  it('brings every point', async () => {
    const { observations } = await rig.through(run(rig.adapter.polls?.telemetry));
    const found = pointsBy(observations);
    const truth = truthOf(rig.simulator);
    expect(found).toEqual(truth);
  });
});
