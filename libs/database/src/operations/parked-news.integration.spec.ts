import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ParkedMessageData, parseEvent, routingKey } from '@tributary/contracts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { ParkedMessages } from './parked-messages.ts';
import { ParkedNews } from './parked-news.ts';

const SECRET = 'correct-horse-battery';

describe('news of parked messages', () => {
  let db: ScratchDatabase;
  let parked: ParkedMessages;
  let news: ParkedNews;
  beforeAll(async () => {
    db = await scratchDatabase();
    parked = new ParkedMessages(db);
    news = new ParkedNews(db);
  });
  afterAll(() => db.drop());
  beforeEach(() => db.pool.query('truncate parked_message, parked_news, outbox'));

  const message = (n: number, rest: object = {}) => ({
    workspace: 'acme',
    queue: 'q',
    exchange: 'e',
    routingKey: `acme.telemetry.observed.some.x.${SECRET}`,
    headers: { cloudEvents_origin: 'backfill', authorization: SECRET },
    reason: 'schema',
    problems: [{ path: `/data/points/${n}/ts`, problem: 'expected a time' }],
    platform: 'some',
    area: 'telemetry',
    connectionId: `con_${'a'.repeat(26)}`,
    payload: Buffer.from(`${SECRET} ${n}`),
    ...rest,
  });
  /** What the relay will publish; each is an event as the contract has it, and shows nothing of what was parked. */
  const told = async (): Promise<(ParkedMessageData & { workspace: string })[]> => {
    const { rows } = await db.pool.query<{ message: OutboxMessage }>('select message from outbox order by seq');
    return rows.map(({ message: entry }) => {
      if (entry.kind !== 'event') throw new Error('expected an event');
      expect(routingKey(entry.routing)).toMatch(/^[a-z]+\.parked-message\.parked\.tributary\.-\.prk_/);
      expect(JSON.stringify(entry)).not.toContain(SECRET);
      const parsed = parseEvent(entry.event);
      expect(parsed).toMatchObject({ ok: true, name: 'parked-message.parked', workspace: entry.routing.workspace });
      return { ...(entry.event.data as ParkedMessageData), workspace: entry.routing.workspace };
    });
  };
  const minuteOver = () => db.pool.query(`update parked_news set told_at = told_at - interval '61 s'`);

  it('the first of a group is told at once; those of its minute are counted, and told when it is over', async () => {
    const first = await parked.park(message(0));
    await parked.park(message(1));
    const newest = await parked.park(message(2));
    await parked.park(message(3, { reason: 'json', problems: [] }));
    expect(await told()).toEqual([
      expect.objectContaining({
        parkedMessageId: first,
        count: 1,
        reason: 'schema',
        platform: 'some',
        area: 'telemetry',
        connectionId: `con_${'a'.repeat(26)}`,
        origin: 'backfill',
        workspace: 'acme',
      }),
      expect.objectContaining({ count: 1, reason: 'json' }),
    ]);
    expect(await news.tellRest()).toBe(0);
    await minuteOver();
    expect(await news.tellRest()).toBe(1);
    expect((await told()).at(-1)).toMatchObject({ parkedMessageId: newest, count: 2, reason: 'schema' });
    await minuteOver();
    expect(await news.tellRest()).toBe(0);
  });

  it('one that comes after a quiet minute is told at once, with those that were counted', async () => {
    await parked.park(message(0));
    await parked.park(message(1));
    await minuteOver();
    const third = await parked.park(message(2));
    await minuteOver();
    await parked.park(message(3));
    expect((await told()).map(({ count }) => count)).toEqual([1, 2, 1]);
    expect((await told())[1]).toMatchObject({ parkedMessageId: third });
  });

  it('what is parked already is no news; what was replayed and does not fit again is', async () => {
    const id = await parked.park(message(0));
    await parked.park(message(0));
    await minuteOver();
    expect(await news.tellRest()).toBe(0);
    await parked.markReplayed(id);
    await parked.park(message(0));
    expect((await told()).map(({ count }) => count)).toEqual([1, 1]);
  });

  it('many at once, of a workspace that cannot be one: none is left out, and none is told twice', async () => {
    const strange = { workspace: 'No Such', platform: 'No Such', connectionId: 'x' };
    await Promise.all(Array.from({ length: 20 }, (_, n) => parked.park(message(n, strange))));
    await minuteOver();
    const rounds = await Promise.all([news.tellRest(), news.tellRest(), news.tellRest()]);
    expect(rounds.reduce((sum, n) => sum + n, 0)).toBe(1);
    const events = await told();
    expect(events.map(({ count }) => count)).toEqual([1, 19]);
    expect(events[0]).toMatchObject({ workspace: 'default' });
    for (const event of events) expect(Object.keys(event)).not.toContain('platform');
  });
});
