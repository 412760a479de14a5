import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { OchnoCaller, START, startQuiet } from '../../test/ochno-caller.ts';
import { list } from '../../test/opticloud-caller.ts';
import { COMPANY_IDS } from './accounts.ts';
import type { Port } from './records.ts';
import type { OchnoSimulator } from './server.ts';

jest.setTimeout(60_000);

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 0, 2, 12);
let sim: OchnoSimulator;
let user: OchnoCaller;
let port: Port;
let other: Port;
let hidden: Port;
beforeEach(async () => {
  sim = await startQuiet({ clock: { startAt: NOON, speed: 0 } });
  user = await OchnoCaller.logIn(sim);
  const ports = [...sim.state.ports.values()];
  const foreign = ports.find((one) => sim.state.placeOf(one).companyId === COMPANY_IDS.foreign);
  if (!ports[0] || !ports[1] || !foreign) throw new Error('no ports');
  [port, other, hidden] = [ports[0], ports[1], foreign];
});
afterEach(() => sim.stop());

const send = (device: Port, t: number, watt: unknown) =>
  sim.actions.run('produce', { device: device.id, telemetry: { t, power: { watt } } });
const metrics = (query: Record<string, string | number | string[]>, measurement = 'power.watt') => {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    [value].flat().map((one): [string, string] => [key, String(one)]),
  );
  return user.get(`/api/metrics/${measurement}?${new URLSearchParams(pairs)}`);
};
const iso = (ms: number): string => new Date(ms).toISOString();

describe('historical metrics', () => {
  it('OCHNO-17 AMB-7 are what was streamed, by the hour, in the order of time', async () => {
    for (const [t, watt] of [
      [NOON - HOUR + 5, 1],
      [NOON - 1, 3],
      [NOON, 10],
    ] as const) {
      await send(port, t, watt);
    }
    await send(other, NOON - 1, 7);
    const answer = await metrics({ portId: [port.id, other.id], from: iso(NOON - HOUR), to: iso(NOON + HOUR) });
    expect([answer.status, answer.json]).toEqual([
      200,
      [
        { time: iso(NOON - HOUR), portId: port.id, mean: 2, min: 1, max: 3, count: 2 },
        { time: iso(NOON - HOUR), portId: other.id, mean: 7, min: 7, max: 7, count: 1 },
        { time: iso(NOON), portId: port.id, mean: 10, min: 10, max: 10, count: 1 },
      ],
    ]);
  });

  it('OCHNO-17 take from inclusive, to exclusive, and other intervals', async () => {
    for (const t of [NOON - 60_000, NOON - 1, NOON]) await send(port, t, 1);
    const counts = async (query: Record<string, string>) =>
      list((await metrics({ portId: port.id, ...query })).json).map((row) => (row as { count: number }).count);
    expect(await counts({ from: iso(NOON - 60_000), to: iso(NOON) })).toEqual([2]);
    expect(await counts({ from: iso(NOON - 59_999), to: iso(NOON + 1), interval: '1m' })).toEqual([1, 1]);
    expect(await counts({ from: '2026-01-01T00:00:00+01:00', to: iso(NOON + 1), interval: '1d' })).toEqual([3]);
    expect(await counts({ from: iso(NOON), to: iso(NOON) })).toEqual([]);
  });

  it('OCHNO-17 know numbers only, by the name of the signal', async () => {
    await send(port, NOON, 'ten');
    expect((await metrics({ portId: port.id, to: iso(NOON + 1) })).json).toEqual([]);
    await sim.actions.run('produce', { device: port.id, telemetry: { t: NOON, device: { lamp: { level: 4 } } } });
    expect((await metrics({ portId: port.id, to: iso(NOON + 1) }, 'lamp.level')).json).toMatchObject([{ mean: 4 }]);
    expect((await metrics({}, 'nothing.at.all')).json).toEqual([]);
  });

  it('OCHNO-17 are of the hub, the company or all that the user sees', async () => {
    for (const one of [port, hidden]) await send(one, NOON - 1, 1);
    const place = sim.state.placeOf(port);
    for (const query of [{ hubId: place.hubId }, { companyId: place.companyId }, {}]) {
      expect((await metrics(query)).json).toMatchObject([{ portId: port.id, count: 1 }]);
    }
  });

  it('OCHNO-17 refuse what cannot be read, what is not there, and what is of others', async () => {
    for (const query of [{ from: 'yesterday' }, { to: '1767355200000' }, { interval: '5m' }]) {
      expect(await metrics(query)).toMatchObject({ status: 400, json: { message: expect.any(String) } });
    }
    const hiddenPlace = sim.state.placeOf(hidden);
    for (const query of [{ portId: hidden.id }, { hubId: hiddenPlace.hubId }, { companyId: hiddenPlace.companyId }]) {
      expect((await metrics(query)).status).toBe(403);
    }
    for (const query of [{ portId: 'nothing' }, { hubId: 'nothing' }, { companyId: 'nothing' }]) {
      expect((await metrics(query)).status).toBe(404);
    }
  });
});

it('OCHNO-17 tell of the time before the start, which nobody heard and the ground truth does not know', async () => {
  await sim.stop();
  sim = await startQuiet({ historyMs: 2 * HOUR });
  const caller = await OchnoCaller.logIn(sim);
  const rows = list((await caller.get(`/api/metrics/power.watt?portId=${sim.truth.devices()[0]}`)).json);
  const counts = rows.map((row) => (row as { count: number }).count);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(120);
  expect([sim.truth.counts().points, sim.clock.now()]).toEqual([0, START]);
});
