import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AcmeHouse, until } from './acme/acme-house.ts';
import { expectedValue } from './acme/acme-vendor.ts';
import { pointsOf } from './acme/points.ts';

let house: AcmeHouse;

beforeAll(async () => {
  house = await AcmeHouse.open();
}, 60_000);
afterAll(() => house.close(), 30_000);

describe('a kill between publish and checkpoint', () => {
  for (const point of ['after-publish-before-confirm', 'after-confirm-before-checkpoint', 'after-checkpoint']) {
    it(`${point}: no gap, no second value, no lost event`, async () => {
      const account = point;
      house.vendor.produced.set(account, 70);
      const { id } = await house.connect(account);
      const doomed = await house.start({ TRIBUTARY_FAILPOINT: `${point}:exit:2` });
      await doomed.ended;
      expect(doomed.process.signalCode).toBe('SIGKILL');
      const heir = await house.start();
      await until('all points came', () => pointsOf(house, id).size === 70);
      const values = [...pointsOf(house, id).values()];
      expect(values.every((list) => new Set(list).size === 1)).toBe(true);
      expect(new Set(values.flat())).toEqual(
        new Set(Array.from({ length: 70 }, (_, n) => expectedValue(account, n + 1))),
      );
      heir.kill('SIGTERM');
      expect(await heir.ended).toBe(0);
      await house.remove(id);
    }, 60_000);
  }
});

describe('a kill around the call of an order', () => {
  for (const [point, effects] of [
    ['after-claim-before-call', 0],
    ['after-call-before-record', 1],
  ] as const) {
    it(`${point}: an order that must not be sent twice has ${effects} effects and ends unknown`, async () => {
      const { id } = await house.connect(point);
      const doomed = await house.start({ TRIBUTARY_FAILPOINT: `${point}:exit:1` });
      await until('it is owned', async () => (await house.owners()).has(id));
      const add = await house.accept(id, 'add');
      await house.deliver(add);
      await doomed.ended;
      const heir = await house.start();
      await until('it is settled', async () => (await house.stateOf(add)) === 'unknown');
      expect(house.vendor.orders.filter((order) => order === add)).toHaveLength(effects);
      heir.kill('SIGKILL');
      await heir.ended;
      await house.remove(id);
    }, 60_000);
  }

  it('one that may be sent twice is sent again and confirmed', async () => {
    const { id } = await house.connect('again');
    const doomed = await house.start({ TRIBUTARY_FAILPOINT: 'after-call-before-record:exit:1' });
    await until('it is owned', async () => (await house.owners()).has(id));
    const set = await house.accept(id, 'set');
    await house.deliver(set);
    await doomed.ended;
    const heir = await house.start();
    await until('it is confirmed', async () => (await house.stateOf(set)) === 'confirmed');
    expect(house.vendor.orders.filter((order) => order === set)).toHaveLength(2);
    heir.kill('SIGKILL');
    await heir.ended;
  }, 60_000);
});
