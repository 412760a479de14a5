import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually, FaultProxy, type ServiceProcess, sharedBacking } from '@tributary/testing';
import { answering, type Mailbox } from './receiver.ts';
import { type Subscribed, WebhooksRig } from './webhooks-rig.ts';

jest.setTimeout(180_000);

let rig: WebhooksRig;
beforeEach(async () => {
  rig = await WebhooksRig.make();
});
afterEach(() => rig.remove());

/** Everything that was published, in order, whatever came twice. */
const untilComplete = (mailbox: Mailbox, ids: string[]): Promise<boolean> =>
  eventually(`${ids.length} events arrived`, () => mailbox.ids.length === ids.length, { timeoutMs: 60_000 });

describe('the built service, killed at any place', () => {
  it('loses nothing, leaves nothing out, and keeps the order', async () => {
    const single = await rig.subscribe();
    const batched = await rig.subscribe({ batch: { maxEvents: 4, maxWaitMs: 20 } });
    const ids: string[] = [];
    for (const place of ['after-plan', 'after-claim', 'after-send', 'after-record']) {
      ids.push(...(await rig.publishMany(10)));
      const failing: ServiceProcess = rig.spawn({ TRIBUTARY_FAILPOINT: `${place}:exit:2` });
      await eventually(
        `the end at ${place}`,
        async () => {
          if (failing.running) ids.push(await rig.publish());
          return !failing.running;
        },
        { timeoutMs: 60_000, everyMs: 300 },
      );
    }
    const mended = rig.spawn();
    ids.push(...(await rig.publishMany(5)));
    await untilComplete(single.mailbox, ids);
    await untilComplete(batched.mailbox, ids);
    expect(single.mailbox.ids).toEqual(ids);
    expect(batched.mailbox.ids).toEqual(ids);
    expect(await mended.stop()).toBe(0);
    const { rows } = await rig.db.pool.query('select claim, replica from subscription_state');
    expect(rows).toEqual([
      { claim: null, replica: null },
      { claim: null, replica: null },
    ]);
  });
});

describe('Redis', () => {
  it('wiped in mid-flow loses nothing, not the retry clock either', async () => {
    await rig.start();
    const well = await rig.subscribe();
    const ill = await rig.subscribe();
    ill.mailbox.behaviour = answering(500);
    const ids = await rig.publishMany(5);
    await eventually('it was tried', () => ill.mailbox.attempts > 3);
    expect(await rig.redisKeys()).not.toEqual([]);
    for (let round = 0; round < 3; round += 1) {
      await rig.wipeRedis();
      ids.push(...(await rig.publishMany(5)));
    }
    await untilComplete(well.mailbox, ids);
    ill.mailbox.behaviour = 'take';
    await rig.wipeRedis();
    await untilComplete(ill.mailbox, ids);
    expect([well.mailbox.ids, ill.mailbox.ids]).toEqual([ids, ids]);
  });

  it('away stops nothing', async () => {
    await rig.start({ REDIS_URL: 'redis://127.0.0.1:1' });
    const { mailbox } = await rig.subscribe();
    mailbox.behaviour = answering(500);
    const ids = await rig.publishMany(3);
    await eventually('it was tried', () => mailbox.attempts > 1);
    mailbox.behaviour = 'take';
    await untilComplete(mailbox, ids);
    ids.push(await rig.publish());
    await untilComplete(mailbox, ids);
    expect(mailbox.ids).toEqual(ids);
  });
});

const proxyOf = (url: string): Promise<FaultProxy> => {
  const { hostname: host, port } = new URL(url);
  return FaultProxy.start({ host, port: Number(port) });
};

describe('Postgres and the broker', () => {
  it('cut off and back again: nothing lost, order kept', async () => {
    const postgres = await proxyOf(rig.databaseUrl);
    const rabbitmq = await proxyOf(sharedBacking.rabbitmqUrl);
    const running = await rig.start({
      DATABASE_URL: postgres.through(rig.databaseUrl),
      RABBITMQ_URL: rabbitmq.through(sharedBacking.rabbitmqUrl),
    });
    const { mailbox } = await rig.subscribe();
    const ids = await rig.publishMany(5);
    await untilComplete(mailbox, ids);
    postgres.down();
    ids.push(...(await rig.publishMany(5)));
    await eventually('it says so', () => !running.health.readiness().ready);
    postgres.up();
    await untilComplete(mailbox, ids);
    rabbitmq.down();
    ids.push(...(await rig.publishMany(5)));
    rabbitmq.up();
    await untilComplete(mailbox, ids);
    expect(mailbox.ids).toEqual(ids);
    await running.stop();
    await postgres.stop();
    await rabbitmq.stop();
  });
});

describe('replicas', () => {
  it('share the subscriptions, and what a dead one had is taken over in its time', async () => {
    const all: Subscribed[] = [];
    for (let n = 0; n < 12; n += 1) all.push(await rig.subscribe());
    const first = rig.spawn();
    const second = rig.spawn();
    const holders = async () => {
      const { rows } = await rig.db.pool.query<{ replica: string }>(
        'select distinct replica from subscription_state where leased_until > now()',
      );
      return rows.length;
    };
    await eventually('both plan', async () => (await holders()) === 2);
    const ids = await rig.publishMany(5);
    for (const { mailbox } of all) await untilComplete(mailbox, ids);
    await first.kill();
    ids.push(...(await rig.publishMany(5)));
    for (const { mailbox } of all) await untilComplete(mailbox, ids);
    expect(await holders()).toBe(1);
    for (const { mailbox } of all) expect(mailbox.ids).toEqual(ids);
    expect(await second.stop()).toBe(0);
  });
});
