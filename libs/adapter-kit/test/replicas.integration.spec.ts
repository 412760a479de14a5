import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TributaryEvent } from '@tributary/contracts';
import { AcmeHouse, until } from './acme/acme-house.ts';
import { expectedValue } from './acme/acme-vendor.ts';
import { pointsOf } from './acme/points.ts';
import { silencerTo } from './acme/silencer.ts';

let house: AcmeHouse;

beforeEach(async () => {
  house = await AcmeHouse.open();
}, 60_000);
afterEach(() => house.close(), 30_000);

const accounts = (count: number) => Array.from({ length: count }, (_, i) => `account-${i}`);

describe('replicas', () => {
  it('share forty connections, one owner each, and take over within the lease', async () => {
    const names = accounts(40);
    const connections = await Promise.all(names.map((name) => house.connect(name)));
    for (const name of names) house.vendor.produced.set(name, 5);
    const [a, b] = await Promise.all([house.start(), house.start()]);
    await until('each has its share', async () => {
      const perOwner = Map.groupBy([...(await house.owners()).values()], (owner) => owner);
      const shares = [...perOwner.values()].map((owned) => owned.length);
      return shares.length === 2 && Math.min(...shares) >= 15 && Math.max(...shares) === 40 - Math.min(...shares);
    });
    await until('all points came', () => connections.every(({ id }) => pointsOf(house, id).size === 5));

    a.kill('SIGKILL');
    const killedAt = performance.now();
    await a.ended;
    for (const name of names) house.vendor.produced.set(name, 9);
    await until('all points came again', () => connections.every(({ id }) => pointsOf(house, id).size === 9));
    // Lease of 3 s, a round each second.
    expect(performance.now() - killedAt).toBeLessThan(12_000);
    const after = await house.owners();
    expect(new Set(after.values()).size).toBe(1);
    for (const [i, { id }] of connections.entries()) {
      for (const [key, values] of pointsOf(house, id)) expect([key, new Set(values).size]).toEqual([key, 1]);
      const all = [...pointsOf(house, id).values()].flat().sort();
      const expected = Array.from({ length: 9 }, (_, n) => expectedValue(names[i] ?? '', n + 1));
      expect(new Set(all)).toEqual(new Set(expected));
    }
    b.kill('SIGTERM');
    expect(await b.ended).toBe(0);
  }, 90_000);

  it('a paused zombie writes nothing once it wakes', async () => {
    const { id } = await house.connect('zombie');
    house.vendor.produced.set('zombie', 5);
    const zombie = await house.start();
    await until('the first owner works', () => pointsOf(house, id).size === 5);
    const first = (await house.owners()).get(id);
    // It is stopped while it waits for a page, which it will find when it wakes.
    const gate = Promise.withResolvers<void>();
    let held = 0;
    house.vendor.onPoints = () => {
      held += 1;
      return gate.promise;
    };
    await until('it waits for a page', () => held > 0);
    zombie.kill('SIGSTOP');
    const { rows: stopped } = await house.checkpoint(id, 'points');
    house.vendor.onPoints = async () => {};
    house.vendor.produced.set('zombie', 30);
    const heir = await house.start();
    await until('the heir works', () => pointsOf(house, id).size === 30);
    const second = (await house.owners()).get(id);
    expect(second).not.toBe(first);
    const saved = async () => (await house.checkpoint(id, 'points')).rows[0]?.epoch;
    const zombies = stopped[0]?.epoch;
    await until('what the heir has got to is saved', async () => (await saved()) !== zombies);
    const before = await saved();
    const seen = house.events.length;

    gate.resolve();
    zombie.kill('SIGCONT');
    await until('the zombie has noticed', () => zombie.lines.some(({ msg }) => /lease/.test(String(msg))), 10_000);
    house.vendor.produced.set('zombie', 40);
    await until('the heir goes on', () => pointsOf(house, id).size === 40);
    expect((await house.owners()).get(id)).toBe(second);
    expect(await saved()).toBe(before);
    // What came since is one more poll's points, each once, with revs that only grow.
    const late = house.events.slice(seen).filter((event) => event.type.includes('telemetry'));
    expect(late.flatMap((event) => (event.data as { points: unknown[] }).points)).toHaveLength(10);
    expect(isIncreasing(house.of(id, 'telemetry.observed'))).toBe(true);
    for (const replica of [zombie, heir]) replica.kill('SIGTERM');
    expect(await Promise.all([zombie.ended, heir.ended])).toEqual([0, 0]);
  }, 90_000);
});

describe('a broker that does not confirm', () => {
  it('keeps the checkpoint where it is until the confirm comes', async () => {
    const { id } = await house.connect('quiet');
    const silencer = await silencerTo(5672);
    const replica = await house.start({ RABBITMQ_URL: `amqp://guest:guest@127.0.0.1:${silencer.port}` });
    house.vendor.produced.set('quiet', 3);
    await until('the first points came', () => pointsOf(house, id).size === 3);
    await until('the checkpoint moved', async () => (await house.checkpoint(id, 'points')).rows[0]?.value.after === 3);

    silencer.silent = true;
    house.vendor.produced.set('quiet', 7);
    await until('the broker has the points', () => pointsOf(house, id).size === 7);
    const polled = house.vendor.calls.length;
    // The lease is renewed several times meanwhile: the process is well, only the broker is silent.
    const leasedUntil = await house.leasedUntil(id);
    await until('time passed', async () => (await house.leasedUntil(id)) > leasedUntil + 3_000, 20_000);
    expect((await house.checkpoint(id, 'points')).rows[0]?.value.after).toBe(3);
    expect(house.vendor.calls.length).toBeLessThan(polled + 5);

    silencer.silent = false;
    silencer.cut();
    await until(
      'the checkpoint moved on',
      async () => (await house.checkpoint(id, 'points')).rows[0]?.value.after === 7,
      45_000,
    );
    replica.kill('SIGKILL');
    await replica.ended;
    await silencer.close();
  }, 90_000);
});

const isIncreasing = (events: TributaryEvent[]): boolean => {
  const perDevice = Map.groupBy(events, (event) => event.subject);
  return [...perDevice.values()].every((list) => {
    const revs = list.map((event) => BigInt((event.data as { rev: string }).rev));
    return revs.every((rev, i) => i === 0 || rev > (revs[i - 1] ?? 0n));
  });
};
