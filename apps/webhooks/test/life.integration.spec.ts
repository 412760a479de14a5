import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parseEvent } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { answering } from './receiver.ts';
import { WebhooksRig } from './webhooks-rig.ts';

jest.setTimeout(120_000);

let rig: WebhooksRig;
beforeAll(async () => {
  rig = await WebhooksRig.make();
  rig.relay();
  await rig.start({ WEBHOOKS_SUSPEND_AFTER: '1ms', WEBHOOKS_RETRY_FIRST: '10ms', WEBHOOKS_RETRY_MOST: '50ms' });
});
afterAll(() => rig.remove());

const suspended = async (id: string) => (await rig.state(id)).suspended === true;
const toldOf = async (id: string) => (await rig.told()).filter(({ subject }) => subject === id);

describe('a subscription', () => {
  it('whose receiver answers 410 is suspended at once, tells so on the bus, and goes on where it stopped', async () => {
    const { id, mailbox } = await rig.subscribe();
    mailbox.behaviour = answering(410);
    const ids = await rig.publishMany(3);
    await eventually('it is suspended', () => suspended(id));
    expect(mailbox.attempts).toBe(1);
    const [event] = await eventually('it is told', async () => {
      const told = await toldOf(id);
      return told.length > 0 && told;
    });
    expect(event).toMatchObject({ type: 'io.tributary.subscription.suspended.v1', data: { reason: 'gone' } });
    expect(parseEvent(event).ok).toBe(true);
    ids.push(...(await rig.publishMany(2)));
    mailbox.behaviour = 'take';
    await rig.change(id, { tryAgain: true });
    // Of its own suspension it hears too: it wanted everything.
    await eventually('all arrived', () => ids.every((one) => mailbox.ids.includes(one)));
    expect(mailbox.ids.filter((one) => ids.includes(one))).toEqual(ids);
    expect(mailbox.ids).toContain(event?.id);
  });

  it('whose receiver fails for as long as it is tried is suspended after eight attempts, not before', async () => {
    const { id, mailbox } = await rig.subscribe({ events: { types: ['telemetry'] } });
    mailbox.behaviour = answering(500);
    const ids = await rig.publishMany(2);
    await eventually('it is suspended', () => suspended(id));
    expect(mailbox.attempts).toBe(8);
    await eventually('it is told', async () => (await toldOf(id)).length === 1);
    expect(await toldOf(id)).toMatchObject([{ data: { reason: 'failing', detail: 'refused: status 500' } }]);
    mailbox.behaviour = 'take';
    await rig.change(id, { tryAgain: true });
    await eventually('all arrived', () => mailbox.ids.length === 2);
    expect(mailbox.ids).toEqual(ids);
    expect(await toldOf(id)).toHaveLength(1);
  });

  it('that is paused is sent nothing, and misses nothing', async () => {
    const { id, mailbox } = await rig.subscribe({ events: { types: ['telemetry'] } });
    const before = await rig.publish();
    await eventually('it arrived', () => mailbox.ids.includes(before));
    await rig.change(id, { paused: true });
    const during = await rig.publishMany(3);
    const witness = await rig.subscribe({ start: { cursor: await rig.end() } });
    const after = await rig.publish();
    await eventually('others are sent to', () => witness.mailbox.ids.includes(after));
    expect(mailbox.attempts).toBe(1);
    await rig.change(id, { paused: false });
    await eventually('all arrived', () => mailbox.ids.length === 5);
    expect(mailbox.ids.slice(0, 4)).toEqual([before, ...during]);
  });

  it('is replayed from any cursor, and passes by what its receiver never takes', async () => {
    const from = await rig.end();
    const { id, mailbox } = await rig.subscribe({ events: { types: ['telemetry'] }, start: { cursor: from } });
    const ids = await rig.publishMany(3);
    await eventually('all arrived', () => mailbox.taken.length === 3);
    await rig.change(id, { start: { cursor: from } });
    await eventually('all arrived again', () => mailbox.taken.length === 6);
    expect(mailbox.taken.flatMap(({ events }) => events.map((event) => event.id))).toEqual([...ids, ...ids]);

    mailbox.behaviour = answering(422);
    await rig.publish();
    await eventually('it is refused', () => mailbox.attempts > 7);
    const past = await rig.end();
    await rig.change(id, { start: { cursor: past } });
    mailbox.behaviour = 'take';
    const next = await rig.publish();
    await eventually('the next one arrived', () => mailbox.ids.includes(next));
    expect(mailbox.ids).toEqual([...ids, next]);
    const states = async () => (await rig.deliveries(id)).map(({ state }) => state);
    await eventually(
      'it is written down',
      async () => (await states()).filter((one) => one === 'delivered').length === 7,
    );
    expect((await states())[6]).toBe('abandoned');
  });

  it('whose cursor the log has forgotten says so once, to the receiver and on the bus, and goes on', async () => {
    await rig.publish();
    const forgotten = Buffer.from('1.0.deadbeef').toString('base64url');
    const { id, mailbox } = await rig.subscribe({ start: { cursor: forgotten }, events: { types: ['telemetry'] } });
    const next = await rig.publish();
    await eventually('the newest arrived', () => mailbox.ids.includes(next));
    const resyncs = mailbox.events.filter(({ type }) => type === 'io.tributary.subscription.resynced.v1');
    expect(resyncs).toMatchObject([{ data: { subscriptionId: id, reason: 'cursor-gone', after: forgotten } }]);
    expect(mailbox.events[0]).toEqual(resyncs[0]);
    await eventually('it is told', async () => (await toldOf(id)).length === 1);
    expect((await toldOf(id)).map((event) => event.id)).toEqual([resyncs[0]?.id]);
  });

  it('that is changed goes on with what it wants now, from where it is', async () => {
    const { id, mailbox } = await rig.subscribe({ events: { types: ['device'] } });
    await rig.publishMany(2);
    await rig.change(id, { events: { types: ['telemetry'] } });
    const wanted = await rig.publishMany(2);
    await eventually('they arrived', () => wanted.every((one) => mailbox.ids.includes(one)));
    expect(mailbox.ids.slice(-2)).toEqual(wanted);
  });
});
