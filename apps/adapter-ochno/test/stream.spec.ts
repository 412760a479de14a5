import { afterEach, describe, expect, it } from '@jest/globals';
import { OCHNO_COMPANIES } from '@tributary/simulators';
import { eventually } from '@tributary/testing';
import { eventsNamed, type Listener, listen, missing, never, PATIENCE, pointsBy, type Rig, startRig } from './rig.ts';

const { owner, tenant } = OCHNO_COMPANIES;
let rig: Rig;
const listeners: Listener[] = [];

async function start(...options: Parameters<typeof startRig>) {
  rig = await startRig(...options);
  await rig.discover();
}
async function hear(company: string, connected = rig) {
  const listener = await listen(connected, company);
  listeners.push(listener);
  return listener;
}
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.stop();
  await rig.stop();
});

const asked = (operation: string) => rig.simulator.journal.count({ operation });
const portOf = (company: string) => {
  const found = rig.simulator.scenario.ports.find(
    ({ port }) => rig.simulator.state.placeOf(port).companyId === company,
  );
  return found?.port.id ?? '';
};
const produce = (device: string, ...telemetry: object[]) => rig.simulator.actions.run('produce', { device, telemetry });

describe('OCHNO-10 what a port says', () => {
  it.each([0, 1] as const)(
    'comes as points at its own time, at QoS %i, whatever was late, twice or corrected',
    async (portQos) => {
      const irregular = { late: 0.1, duplicate: 0.1, swapped: 0.1, corrected: 0.1 };
      await start({ devices: 24, cadenceMs: 200, irregular, portQos });
      const heard = [await hear(owner), await hear(tenant)];
      rig.simulator.production.resume();
      await eventually('a few hundred messages', () => heard.reduce((n, l) => n + l.items.length, 0) > 500, PATIENCE);
      rig.simulator.production.pause();
      const all = () => heard.flatMap(({ items }) => items);
      await eventually('everything has come', () => missing(rig.simulator, all()).length === 0, PATIENCE);
      // The same value for the same identity never twice: only a correction repeats an identity.
      for (const values of pointsBy(all()).values()) expect(new Set(values).size).toBe(values.length);
      if (portQos === 1) {
        await eventually('all is acknowledged', async () => {
          const sessions = (await rig.simulator.actions.run('sessions', {})) as { unacknowledged: number }[];
          return sessions.every(({ unacknowledged }) => unacknowledged === 0);
        });
      }
    },
    90_000,
  );

  it('acknowledges what was confirmed and nothing else, in any number under way', async () => {
    await start({ portQos: 1 });
    const device = portOf(owner);
    const stop = new AbortController();
    const stream = rig.adapter.stream?.open(stop.signal, owner)[Symbol.asyncIterator]();
    expect((await stream?.next())?.value).toEqual({ type: 'opened' });
    await produce(device, ...Array.from({ length: 60 }, (_, n) => ({ power: { watt: n } })));
    const done: (() => void)[] = [];
    for (let n = 0; n < 60; n += 1) {
      const item = (await stream?.next())?.value;
      if (item && item.type !== 'opened' && item.done) done.push(item.done);
    }
    const waiting = async () =>
      ((await rig.simulator.actions.run('sessions', {})) as { unacknowledged: number }[])[0]?.unacknowledged;
    expect(await waiting()).toBe(60);
    for (const confirm of done.splice(1, 40)) confirm();
    expect(await waiting()).toBe(60);
    for (const confirm of done) confirm();
    await eventually('all is acknowledged', async () => (await waiting()) === 0);
    stop.abort(new Error('enough'));
    await stream?.return?.();
  });

  it('has one name wherever the plugged device is nested, and any leaf becomes a signal', async () => {
    await start();
    const heard = await hear(owner);
    const [device, t] = [portOf(owner), Date.now()];
    await produce(device, {
      t,
      lamp: { level: 3 },
      fan: { speed: { now: 7 } },
      device: { lamp: { level: 3 }, note: 'x' },
      ok: true,
    });
    await eventually('it comes', () => heard.items.length > 1);
    expect([...pointsBy(heard.items).keys()].sort()).toEqual(
      ['device.note', 'fan.speed.now', 'lamp.level', 'ok'].map((signal) => `${device}|${signal}|${t}`),
    );
  });

  it('without a time is stamped when it is received, once, however often it is repeated', async () => {
    await start();
    const heard = await hear(owner);
    const before = Date.now();
    const device = portOf(owner);
    for (let n = 0; n < 3; n += 1)
      await rig.simulator.actions.run('send-raw', { device, payload: '{"power":{"watt":5}}' });
    await rig.simulator.actions.run('send-raw', { device, payload: '{"power":{"watt":6}}' });
    await eventually('both came', () => pointsBy(heard.items).size >= 2);
    const points = heard.items.flatMap((item) => (item.type === 'points' ? item.points : []));
    expect(points.map(({ value }) => value)).toEqual([5, 6]);
    for (const { tsMs = 0 } of points) expect(tsMs).toBeGreaterThanOrEqual(before);
  });

  it('that cannot be read is set aside and counted, and harms nothing else', async () => {
    await start();
    const heard = await hear(owner);
    const device = portOf(owner);
    const deep = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;
    for (const payload of ['{', '[]', '"x"', '', 'null', deep]) {
      await rig.simulator.actions.run('send-raw', { device, payload });
    }
    await produce(device, { power: { watt: 1 } });
    await eventually('the good one comes', () => pointsBy(heard.items).size === 1);
    expect(rig.access.setAside()).toBe(6);
  });

  it('of another company is dropped, counted and told of', async () => {
    await start();
    const heard = await hear(owner);
    await rig.simulator.actions.run('stray', { company: owner, device: portOf(tenant) });
    await produce(portOf(owner), { power: { watt: 1 } });
    await eventually('the own one comes', () => pointsBy(heard.items).size === 1);
    expect([...pointsBy(heard.items).keys()][0]).toContain(portOf(owner));
    expect(rig.access.setAside()).toBe(1);
    expect(rig.adapter.limitations?.().join()).toMatch(/they are dropped/);
  });

  it('tells what is plugged in: events for a change, attributes for what it is', async () => {
    await start();
    const heard = await hear(owner);
    const device = portOf(owner);
    const plugged = { connected: true, device: { vendorId: '05ac', product: 'Phone' } };
    await produce(device, { connected: true, device: { vendorId: '1', product: 'Lamp' } });
    await produce(device, { connected: false });
    await produce(device, plugged);
    await produce(device, plugged);
    await eventually('all came', () => eventsNamed(heard.items, 'device.plugged').length === 1);
    expect(eventsNamed(heard.items, 'device.unplugged').map(({ details }) => details)).toEqual([
      { vendorId: '1', product: 'Lamp' },
    ]);
    expect(eventsNamed(heard.items, 'device.plugged')[0]?.details).toEqual({ vendorId: '05ac', product: 'Phone' });
    const attributes = heard.items.flatMap((item) =>
      item.type === 'attributes' ? [item.attributes.map(({ name, value }) => [name, value])] : [],
    );
    expect(attributes.slice(1)).toEqual([
      [
        ['device.vendorId', undefined],
        ['device.product', undefined],
      ],
      [
        ['device.vendorId', '05ac'],
        ['device.product', 'Phone'],
      ],
    ]);
  });
});

describe('OCHNO-05 credentials of a stream', () => {
  it('are renewed before they end: nothing lost, nothing doubled, one request a period', async () => {
    const lifeMs = 6_000;
    await start({ devices: 40, cadenceMs: 100, credentialLifeMs: lifeMs, dropOnExpiry: true });
    const heard = await hear(owner);
    const began = performance.now();
    rig.simulator.production.resume();
    await eventually('four periods', () => asked('OCHNO-05') >= 5, { timeoutMs: 120_000 });
    const periods = (performance.now() - began) / (lifeMs * 0.775);
    rig.simulator.production.pause();
    expect(heard.failure).toBeUndefined();
    expect(Math.abs(asked('OCHNO-05') - 1 - periods)).toBeLessThan(1);
    await eventually('everything has come', () => missingOf(owner, heard).length === 0, PATIENCE);
    for (const values of pointsBy(heard.items).values()) expect(new Set(values).size).toBe(values.length);
    // Each session had a name of its own, and the next stood before the last one ended.
    const sessions = rig.simulator.journal.entries({ method: 'CONNECT' }).map(({ session }) => session);
    expect(new Set(sessions).size).toBe(sessions.length);
    const order = rig.simulator.journal.entries({ protocol: 'mqtt' }).map(({ method }) => method);
    expect(order.indexOf('CLOSE')).toBeGreaterThan(order.indexOf('SUBSCRIBE', order.indexOf('SUBSCRIBE') + 1));
  }, 150_000);

  it('are renewed without a loss, and in order, while what was said before still waits at the broker', async () => {
    const irregular = { late: 0, duplicate: 0.05, swapped: 0, corrected: 0.4 };
    await start({ devices: 40, cadenceMs: 100, credentialLifeMs: 5_000, portQos: 1, irregular });
    // A hundred under way, half a second each: half of what is said.
    let confirmAfterMs = 500;
    const heard = await listen(rig, owner, () => confirmAfterMs);
    listeners.push(heard);
    rig.simulator.production.resume();
    await eventually('three periods', () => asked('OCHNO-05') >= 3, { timeoutMs: 120_000 });
    rig.simulator.production.pause();
    expect(missingOf(owner, heard).length).toBeGreaterThan(500);
    confirmAfterMs = 0;
    await eventually('everything has come', () => missingOf(owner, heard).length === 0, PATIENCE);
    expect(heard.failure).toBeUndefined();
    for (const values of pointsBy(heard.items).values()) expect(new Set(values).size).toBe(values.length);
  }, 180_000);

  it('are renewed, and what a session that breaks off had not brought is told to be lost', async () => {
    const irregular = { late: 0, duplicate: 0, swapped: 0, corrected: 0 };
    let confirmAfterMs = 500;
    const begin = async () => {
      await start({ devices: 40, cadenceMs: 100, credentialLifeMs: 5_000, portQos: 1, irregular });
      const listener = await listen(rig, owner, () => confirmAfterMs);
      listeners.push(listener);
      return listener;
    };
    let heard = await begin();
    const sessions = async () => (await rig.simulator.actions.run('sessions', {})) as { clientId: string }[];
    const told = () => heard.items.flatMap((item) => (item.type === 'gap' ? [item.gap] : []));
    // A session that was done in the moment in which it is broken off loses nothing: then the next one is.
    while (told().length === 0) {
      confirmAfterMs = 500;
      rig.simulator.production.resume();
      const [old] = await eventually(
        'both stand',
        async () => {
          const both = await sessions();
          return both.length === 2 && both;
        },
        PATIENCE,
      );
      await rig.simulator.actions.run('evict', { target: old?.clientId });
      rig.simulator.production.pause();
      confirmAfterMs = 0;
      await eventually(
        'it is told, or nothing was lost, or it was broken off before its successor was ready',
        () => heard.failure !== undefined || told().length > 0 || missingOf(owner, heard).length === 0,
        PATIENCE,
      );
      if (heard.failure === undefined) continue;
      // Then the stream itself is over, and its holder tells what is missed.
      expect(heard.failure).toMatchObject({ code: 'unavailable' });
      await rig.stop();
      heard = await begin();
    }
    const [gap] = told();
    const outside = () =>
      missingOf(owner, heard).filter((key) => {
        const ts = Number(key.split('|')[2]);
        return ts < (gap?.fromMs ?? 0) || ts >= (gap?.toMs ?? 0);
      });
    await eventually('the rest has come', () => outside().length === 0, PATIENCE);
    expect(missingOf(owner, heard).length).toBeGreaterThan(0);
    expect(heard.failure).toBeUndefined();
  }, 240_000);

  it('are replaced after a handshake that was refused, and used again after a cut', async () => {
    await start();
    const first = await hear(owner);
    await rig.simulator.actions.run('evict', {});
    await first.ended;
    expect(first.failure).toMatchObject({ code: 'unavailable' });
    const second = await hear(owner);
    expect(second.failure).toBeUndefined();
    expect(asked('OCHNO-05')).toBe(1);
    await rig.simulator.actions.run('expire-credentials', {});
    await rig.simulator.actions.run('evict', {});
    await second.ended;
    const third = await hear(owner);
    // The platform's log-in is as good as before: this must not make the connection unauthorized.
    expect(third.failure).toMatchObject({ code: 'unavailable', platformStatus: 403 });
    const fourth = await hear(owner);
    expect(fourth.failure).toBeUndefined();
    expect(asked('OCHNO-05')).toBe(2);
  });

  it('that are refused for one company leave the others alone', async () => {
    await start();
    await rig.simulator.actions.run('set-permission', {
      email: rig.simulator.demoConnection.credentials.email,
      company: owner,
      stream: false,
    });
    const refused = await hear(owner);
    expect(refused.failure).toMatchObject({ code: 'permission-denied' });
    const heard = await hear(tenant);
    await produce(portOf(tenant), { power: { watt: 1 } });
    await eventually('it comes', () => pointsBy(heard.items).size === 1);
    expect(rig.adapter.limitations?.()).toEqual([expect.stringContaining(owner)]);
    expect(await rig.adapter.stream?.parts?.(never)).toEqual([owner, tenant]);
  });
});

const missingOf = (company: string, heard: Listener) =>
  missing(rig.simulator, heard.items).filter((key) => {
    const port = rig.simulator.state.ports.get(key.split('|')[0] ?? '');
    return port !== undefined && rig.simulator.state.placeOf(port).companyId === company;
  });

describe('a time without the stream', () => {
  const repair = async (fromMs: number, toMs: number) => {
    const pages = rig.adapter.stream?.repair?.({ part: owner, fromMs, toMs }, never) ?? [];
    const found = [];
    for await (const page of pages) found.push(...page.items);
    return found;
  };
  const gaps = (found: Awaited<ReturnType<typeof repair>>) =>
    found.flatMap((item) => (item.type === 'gap' ? [item.gap] : []));

  it('is told of, and what the ports hold now is read once', async () => {
    await start();
    const heard = await hear(owner);
    const device = portOf(owner);
    const t = Date.now();
    await produce(device, { t, power: { watt: 1, voltage: 230 } });
    await eventually('it comes', () => pointsBy(heard.items).size === 2);
    await heard.stop();
    await produce(device, { t: t + 1_000, power: { watt: 2 } }, { t: t + 2_000, power: { watt: 3 } });
    const found = await repair(t, t + 5_000);
    const told = [...pointsBy(found)].filter(([key]) => new RegExp(`^${device}.power.(watt|voltage)`).test(key));
    expect(told).toEqual([[`${device}|power.watt|${t + 2_000}`, [3]]]);
    expect(gaps(found)).toEqual([{ space: owner, fromMs: t, toMs: t + 5_000, reason: expect.any(String) }]);
    // A second look at the same state is no news.
    expect(pointsBy(await repair(t, t + 5_000)).size).toBe(0);
  });

  it('of hours is filled with the platform’s aggregates, as signals of their own', async () => {
    const HOUR = 3_600_000;
    await start({ historyMs: 5 * HOUR });
    const toMs = Date.now();
    const fromMs = toMs - 3 * HOUR;
    const found = await repair(fromMs, toMs);
    const hourly = found.flatMap((item) => (item.type === 'points' && item.origin === 'backfill' ? item.points : []));
    expect(hourly.length).toBeGreaterThan(0);
    expect(
      hourly.every(({ signal, tsMs = 1 }) => /\.hourly\.(mean|min|max|count)$/.test(signal) && tsMs % HOUR === 0),
    ).toBe(true);
    const lastHour = Math.floor(toMs / HOUR) * HOUR;
    expect(gaps(found)).toEqual([
      expect.objectContaining({ fromMs, toMs: lastHour, filledWith: 'aggregates' }),
      expect.not.objectContaining({ filledWith: 'aggregates' }),
    ]);
    expect(gaps(found)[1]).toMatchObject({ fromMs: lastHour, toMs });
  });
});
