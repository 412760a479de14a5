import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { type Answer, answering, type Mailbox } from './receiver.ts';
import { newSecret, WebhooksRig } from './webhooks-rig.ts';

jest.setTimeout(120_000);

let rig: WebhooksRig;
beforeAll(async () => {
  rig = await WebhooksRig.make();
  await rig.start();
});
afterAll(() => rig.remove());

const signatures = (mailbox: Mailbox, n: number): string[] =>
  String(mailbox.taken[n]?.headers['webhook-signature']).split(' ');
const delivered = async (id: string): Promise<number> =>
  (await rig.deliveries(id)).filter(({ state }) => state === 'delivered').length;

describe('deliveries', () => {
  it('bring what is wanted and nothing else, in order, signed so that the official library believes them', async () => {
    const all = await rig.subscribe();
    const one = await rig.subscribe({ events: { types: ['telemetry'], origins: ['live'] } });
    const none = await rig.subscribe({ events: { types: ['device'] } });
    const ids = await rig.publishMany(6);
    await rig.publish('d1', { workspace: 'other' });
    const late = await rig.publish('d1', { origin: 'backfill' });
    const last = await rig.publish('d2');
    await eventually('all arrived', () => all.mailbox.ids.length === 8 && one.mailbox.ids.length === 7);
    expect(all.mailbox.ids).toEqual([...ids, late, last]);
    expect(one.mailbox.ids).toEqual([...ids, last]);
    expect(none.mailbox.attempts).toBe(0);
    expect(all.mailbox.forged + one.mailbox.forged).toBe(0);
    expect(all.mailbox.taken[0]?.headers['content-type']).toBe('application/cloudevents+json');
    expect(new Set(all.mailbox.taken.map(({ webhookId }) => webhookId)).size).toBe(8);
  });

  it('in batches hold many events, the newest after as long as one may wait', async () => {
    const { id, mailbox } = await rig.subscribe({ batch: { maxEvents: 10, maxWaitMs: 200 } });
    const ids = await rig.publishMany(25);
    await eventually('all arrived', () => mailbox.ids.length === 25);
    expect(mailbox.ids).toEqual(ids);
    expect(mailbox.taken.length).toBeLessThan(15);
    expect(Math.max(...mailbox.taken.map(({ events }) => events.length))).toBeLessThanOrEqual(10);
    expect(mailbox.taken[0]?.headers['content-type']).toBe('application/cloudevents-batch+json');
    await eventually('the ledger has them', async () =>
      (await rig.deliveries(id)).every((delivery) => delivery.state === 'delivered'),
    );
    expect((await rig.deliveries(id)).flatMap((delivery) => delivery.event_ids)).toEqual(ids);
  });

  it('begin after any event of the log, or at a time', async () => {
    const from = await rig.end();
    const since = new Date(Date.now() - 2_000).toISOString();
    const ids = await rig.publishMany(4);
    const after = await rig.subscribe({ start: { cursor: from } });
    const at = await rig.subscribe({ start: { since } });
    await eventually('all arrived', () => after.mailbox.ids.length === 4 && at.mailbox.ids.includes(ids[3] ?? ''));
    expect(after.mailbox.ids).toEqual(ids);
    expect(at.mailbox.ids.slice(-4)).toEqual(ids);
  });

  it('carry the headers that were asked for, and what a receiver repeats of them is blotted out', async () => {
    const headers = { authorization: 'Bearer canary-token-17', 'x-tenant': 'north' };
    const { id, mailbox } = await rig.subscribe({ headers });
    mailbox.behaviour = (request, response) => {
      const seen = JSON.stringify({ ...request.headers, secret: mailbox.secret });
      response.writeHead(500, { 'content-type': 'application/json' }).end(seen);
    };
    await rig.publish();
    const attempt = await eventually(
      'an attempt is written down',
      async () => (await rig.deliveries(id))[0]?.attempts[0],
    );
    expect(attempt).toMatchObject({ outcome: 'refused', status: 500, latencyMs: expect.any(Number) });
    expect(attempt.excerpt).toContain('webhook-signature');
    expect(JSON.stringify(attempt)).not.toContain('canary-token-17');
    expect(JSON.stringify(attempt)).not.toContain(mailbox.secret.slice('whsec_'.length));
    mailbox.behaviour = 'take';
    await eventually('it arrived', () => mailbox.taken.length > 0);
    expect(mailbox.taken[0]?.headers).toMatchObject(headers);
  });

  it('are signed with both secrets while one takes the place of the other, and then with the new one alone', async () => {
    const { id, mailbox } = await rig.subscribe();
    const old = mailbox.secret;
    const current = newSecret();
    const sealed = rig.vault.seal({ current, previous: old }, { workspace: 'default', connectionId: id });
    await rig.change(id, { secrets: { sealed, previousUntil: new Date(Date.now() + 3_600_000) } });
    await rig.publish();
    await eventually('believed by the old secret', () => mailbox.taken.length === 1);
    mailbox.secret = current;
    await rig.publish();
    await eventually('believed by the new secret', () => mailbox.taken.length === 2);
    expect(signatures(mailbox, 0)).toHaveLength(2);
    expect(mailbox.forged).toBe(0);
    await rig.change(id, { secrets: { sealed, previousUntil: new Date(Date.now() - 1) } });
    mailbox.secret = old;
    await rig.publish();
    await eventually('not believed any more', () => mailbox.forged > 0);
    mailbox.secret = current;
    await eventually('believed again', () => mailbox.taken.length === 3);
    expect(signatures(mailbox, 2)).toHaveLength(1);
  });
});

describe('receivers that misbehave', () => {
  it('are asked again with the same delivery until they take it, and nothing passes it by', async () => {
    const { id, mailbox } = await rig.subscribe();
    const answers = [answering(500), answering(404), answering(302, { location: '/elsewhere' }), answering(503)];
    const elsewhere = rig.receiver.mailbox('elsewhere', mailbox.secret);
    const seen: string[] = [];
    mailbox.behaviour = (request, response) => {
      seen.push(String(request.headers['webhook-id']));
      const next = answers.shift();
      if (answers.length === 0) mailbox.behaviour = 'take';
      next?.(request, response);
    };
    const ids = await rig.publishMany(3);
    await eventually('all arrived', () => mailbox.ids.length === 3);
    expect(mailbox.ids).toEqual(ids);
    expect(new Set(seen)).toEqual(new Set([mailbox.taken[0]?.webhookId]));
    expect(elsewhere.attempts).toBe(0);
    await eventually('written down', async () => (await rig.deliveries(id))[0]?.attempts.length === 5);
    expect((await rig.deliveries(id))[0]?.attempts.map(({ number, outcome }) => [number, outcome])).toEqual([
      [1, 'refused'],
      [2, 'refused'],
      [3, 'redirect'],
      [4, 'busy'],
      [5, 'delivered'],
    ]);
  });

  it('that ask for time are given it', async () => {
    const { mailbox } = await rig.subscribe();
    const at: number[] = [];
    mailbox.behaviour = (request, response) => {
      at.push(performance.now());
      if (at.length === 2) mailbox.behaviour = 'take';
      answering(429, { 'retry-after': '1' })(request, response);
    };
    await rig.publish();
    await eventually('it arrived', () => mailbox.taken.length === 1);
    // Without the wish the pause would be 60 ms at most.
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(950);
  });

  it('cannot keep anybody busy with an answer that never ends, comes in drops or is huge', async () => {
    const { id, mailbox } = await rig.subscribe();
    let given = 0;
    const timers: NodeJS.Timeout[] = [];
    const endless: Answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const pump = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) given += 16_384;
        response.once('drain', pump);
      };
      pump();
    };
    const drops: Answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      timers.push(setInterval(() => response.write('.'), 50));
    };
    const bodies = [endless, drops, answering(200, {}, 'y'.repeat(5_000_000))];
    mailbox.behaviour = (request, response) => {
      const next = bodies.shift();
      if (bodies.length === 0) mailbox.behaviour = 'take';
      next?.(request, response);
    };
    await rig.publishMany(4);
    await eventually('all four count as taken', async () => (await delivered(id)) === 4);
    for (const timer of timers) clearInterval(timer);
    expect((await rig.deliveries(id)).every(({ attempts }) => attempts.length === 1)).toBe(true);
    expect((await rig.deliveries(id)).every(({ attempts }) => (attempts[0]?.excerpt ?? '').length <= 1_000)).toBe(true);
    expect(given).toBeLessThan(20_000_000);
  });

  it('that close a kept connection are simply asked again', async () => {
    const { id, mailbox } = await rig.subscribe();
    await rig.publish();
    await eventually('it arrived', () => mailbox.taken.length === 1);
    let closed = 0;
    mailbox.behaviour = (request) => {
      closed += 1;
      mailbox.behaviour = 'take';
      request.socket.destroy();
    };
    await rig.publish();
    await eventually('it arrived', async () => (await delivered(id)) === 2);
    expect(closed).toBe(1);
    expect((await rig.deliveries(id)).map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  });
});
