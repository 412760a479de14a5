import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Packet } from 'mqtt-packet';
import { OchnoCaller, presign, START, startQuiet } from '../../test/ochno-caller.ts';
import { RawMqtt } from '../../test/raw-mqtt.ts';
import { COMPANY_IDS } from './accounts.ts';
import type { OchnoOptions } from './options.ts';
import { leavesOf } from './port-data.ts';
import type { OchnoSimulator } from './server.ts';

jest.setTimeout(60_000);

const { owner, tenant, foreign } = COMPANY_IDS;
let sim: OchnoSimulator;
const clients: RawMqtt[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  await sim.stop();
});

const EVEN = { late: 0, duplicate: 0, swapped: 0, corrected: 0 };
const IRREGULAR = { late: 0.05, duplicate: 0.05, swapped: 0.05, corrected: 0.05 };

/** Everything both companies' streams bring. */
async function listen(): Promise<void> {
  const user = await OchnoCaller.logIn(sim);
  for (const companyId of [owner, tenant]) {
    const client = await RawMqtt.join(sim, presign(await user.iotAccess(companyId)), { clientId: companyId });
    clients.push(client);
    await client.subscribe(`/ports/${companyId}/#`);
  }
}
const begin = async (options: Partial<OchnoOptions>): Promise<void> => {
  sim = await startQuiet({ cadenceMs: 1_000, ...options });
  await listen();
};

interface Heard {
  device: string;
  message: { t: number };
}
async function heard(): Promise<Heard[]> {
  await Promise.all(clients.map((client) => client.settled()));
  return clients.flatMap(({ received }) => received.flatMap(readPublish));
}
const readPublish = (packet: Packet): Heard[] =>
  packet.cmd === 'publish'
    ? [{ device: packet.topic.split('/').at(-1) ?? '', message: JSON.parse(packet.payload.toString()) }]
    : [];

/** What a right reader has stored in the end: the last word about each point. */
function pointsOf(messages: readonly Heard[]): Map<string, unknown> {
  const points = new Map<string, unknown>();
  for (const { device, message } of messages) {
    for (const { signal, value } of leavesOf(message)) points.set(`${device} ${signal} ${message.t}`, value);
  }
  return points;
}
const truePoints = () =>
  new Map([...sim.truth.points()].map(({ device, signal, ts, value }) => [`${device} ${signal} ${ts}`, value]));

describe('ports that send', () => {
  it('OCHNO-10 a point in the ground truth for every leaf of every message that went out', async () => {
    await begin({ producing: true, irregular: IRREGULAR, plugEveryMs: 5_000, fullEvery: 4 });
    await sim.clock.advance(60_000);
    const messages = await heard();
    expect(messages.length).toBeGreaterThan(24 * 55);
    expect(pointsOf(messages)).toEqual(truePoints());
    const { duplicates, corrections, outOfOrder } = sim.truth.counts();
    expect(Math.min(duplicates, corrections, outOfOrder)).toBeGreaterThan(0);
    expect([...sim.state.unheard()]).toEqual([]);
    expect(new Set([...sim.truth.points()].map(({ value }) => typeof value))).toEqual(
      new Set(['number', 'boolean', 'string']),
    );
  });

  it('the same seed sends the same, another seed does not', async () => {
    const run = async (seed: number) => {
      sim = await startQuiet({ producing: true, seed, irregular: IRREGULAR });
      await sim.clock.advance(30_000);
      const points = [...sim.truth.points()];
      await sim.stop();
      return points;
    };
    const [one, same, other] = [await run(1), await run(1), await run(2)];
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('500 ports, 4000 messages in a second of scenario time, and each of them arrives', async () => {
    await begin({ devices: 500, cadenceMs: 125, producing: true, irregular: EVEN });
    await sim.clock.advance(1_000);
    sim.production.pause();
    await sim.clock.advance(1_000);
    const messages = await heard();
    expect(Math.abs(messages.length - 4_000)).toBeLessThanOrEqual(100);
    expect(new Set(messages.map(({ device }) => device)).size).toBe(500);
    expect(pointsOf(messages)).toEqual(truePoints());
  });

  it('no two measurements of a port have the same time', async () => {
    await begin({ cadenceMs: 1_000 });
    await sim.actions.run('burst', { device: 0, count: 50, stepMs: 1 });
    await sim.actions.run('burst', { device: 0, count: 50, stepMs: 1 });
    const times = (await heard()).map(({ message }) => message.t);
    expect(new Set(times).size).toBe(100);
  });

  it('the demonstration account sees two companies; the third is neither streamed to it nor in the truth', async () => {
    await begin({ producing: true });
    await sim.clock.advance(5_000);
    const companies = sim.scenario.ports.map(({ port }) => sim.state.placeOf(port).companyId);
    expect(new Set(companies)).toEqual(new Set([owner, tenant, foreign]));
    const hidden = sim.scenario.ports.filter((_port, i) => companies[i] === foreign).map(({ port }) => port.id);
    expect(sim.truth.devices().filter((id) => hidden.includes(id))).toEqual([]);
    expect(sim.state.archive.devices().toSorted()).toEqual(hidden.toSorted());
    // Ports first, the first of them a lamp; then hubs.
    expect(sim.truth.devices()).toHaveLength(24 + 6);
    expect(sim.scenario.port(sim.truth.devices()[0] ?? '')?.kind).toBe('lamp');
    expect(
      sim.truth
        .devices()
        .slice(24)
        .every((id) => sim.state.hubs.has(id)),
    ).toBe(true);
  });

  it('is forgotten after a while when told so', async () => {
    await begin({ producing: true, retentionMs: 20_000 });
    await sim.clock.advance(60_000);
    const [first] = [...sim.truth.points()].toSorted((a, b) => a.ts - b.ts);
    expect(first?.ts).toBeGreaterThanOrEqual(START + 30_000);
    expect(sim.truth.counts().forgotten).toBeGreaterThan(0);
  });
});
