import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { answering, type Mailbox } from './receiver.ts';
import { type Subscribed, WebhooksRig } from './webhooks-rig.ts';

jest.setTimeout(120_000);

let rig: WebhooksRig;
beforeAll(async () => {
  rig = await WebhooksRig.make();
});
afterAll(() => rig.remove());

/** Ids of each device's events, in order. */
function perDevice(mailbox: Mailbox): Map<string, string[]> {
  const devices = new Map<string, string[]>();
  for (const { id, subject } of mailbox.events) devices.set(subject, [...(devices.get(subject) ?? []), id]);
  return devices;
}

describe('a hundred receivers, of which ten hang and ten fail', () => {
  it('eighty have everything while the others have nothing; repaired, those get all of it, in order for each device', async () => {
    const batch = { maxEvents: 5, maxWaitMs: 50 };
    const from = await rig.end();
    const all: Subscribed[] = [];
    for (let n = 0; n < 100; n += 1) all.push(await rig.subscribe({ batch, start: { cursor: from } }));
    const [hanging, failing, well] = [all.slice(0, 10), all.slice(10, 20), all.slice(20)];
    for (const { mailbox } of hanging) mailbox.behaviour = 'hang';
    for (const { mailbox } of failing) mailbox.behaviour = answering(500);
    // Fewer places than receivers that hang: were they shared, the others would wait behind them.
    await rig.start({ WEBHOOKS_TIMEOUT: '6s', WEBHOOKS_CONCURRENCY: '8' });
    const ids = await rig.publishMany(40, 4);

    const has = ({ mailbox }: Subscribed) => mailbox.ids.length === ids.length;
    await eventually('the eighty have everything', () => well.every(has), { timeoutMs: 60_000 });
    for (const { mailbox } of well) expect(mailbox.ids).toEqual(ids);
    for (const { mailbox } of [...hanging, ...failing]) expect(mailbox.taken).toEqual([]);
    expect(failing.every(({ mailbox }) => mailbox.attempts > 0)).toBe(true);

    for (const { mailbox } of [...hanging, ...failing]) mailbox.behaviour = 'take';
    const more = await rig.publishMany(4, 4);
    const complete = ({ mailbox }: Subscribed) => mailbox.ids.length === ids.length + more.length;
    await eventually('all hundred have everything', () => all.every(complete), { timeoutMs: 90_000 });
    const expected = perDevice(well[0]?.mailbox as Mailbox);
    expect(expected.size).toBe(4);
    for (const { mailbox } of all) expect(perDevice(mailbox)).toEqual(expected);
  });

  it('one receiver has one socket at a time, and what it has not taken stays in the log', async () => {
    const { id, mailbox } = await rig.subscribe();
    mailbox.behaviour = answering(500);
    await rig.start({ WEBHOOKS_READ_AHEAD: '5' });
    const ids = await rig.publishMany(30);
    await eventually('it was tried', () => mailbox.attempts > 2);
    expect((await rig.deliveries(id)).length).toBeLessThanOrEqual(100);
    mailbox.behaviour = 'take';
    await eventually('all arrived', () => mailbox.ids.length === 30);
    expect(mailbox.ids).toEqual(ids);
  });
});
