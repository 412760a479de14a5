import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventTimeMs, type TributaryEvent } from '@tributary/contracts';
import { newEventId } from '@tributary/runtime';
import { Rig, sample } from '../spec-support/rig.spec-support.ts';
import { EventLog, type EventLogOptions } from './event-log.ts';
import type { LoggedEvent } from './log-entry.ts';

const TIMEOUT_MS = 60_000;
const HOUR_MS = 3_600_000;

describe('looking for one event of the log', () => {
  let rig: Rig;
  const logs: EventLog[] = [];

  beforeEach(async () => {
    rig = await Rig.start();
  });

  afterEach(async () => {
    await Promise.all(logs.splice(0).map((log) => log.close()));
    await rig.stop();
  });

  async function logged(count: number, options: EventLogOptions): Promise<{ log: EventLog; ids: string[] }> {
    const broker = rig.broker();
    await broker.ready();
    const publisher = broker.publisher();
    const samples = Array.from({ length: count }, (_, value) => sample(value));
    await Promise.all(samples.map(({ event, routing }) => publisher.publish(event, routing)));
    const log = new EventLog(broker, options);
    logs.push(log);
    return { log, ids: samples.map(({ event }) => event.id) };
  }

  const idOf = (found: LoggedEvent | undefined) => (found?.event as TributaryEvent | undefined)?.id;

  const find = (log: EventLog, id: string, atMs = eventTimeMs(id) ?? 0) =>
    log.find({
      atMs,
      likely: (messageId) => messageId === undefined || messageId === id,
      sure: ({ text }) => text.includes(`"id":"${id}"`),
    });

  it(
    'finds it in the memory and on the broker, also where its own time is ahead or long past',
    async () => {
      const { log, ids } = await logged(2_000, { recentEvents: 20 });
      for (const id of [ids[0], ids[700], ids.at(-1)] as string[]) {
        for (const aheadMs of [0, 60_000, -600_000]) {
          const { event } = await find(log, id, (eventTimeMs(id) ?? 0) + aheadMs);
          expect(idOf(event)).toBe(id);
          expect(Math.abs((event?.publishedAtS ?? 0) * 1_000 - (eventTimeMs(id) ?? 0))).toBeLessThan(30_000);
        }
      }
      const page = await log.read({ after: (await find(log, ids[5] as string)).event?.cursor ?? '', limit: 1 });
      expect(idOf(page.events[0])).toBe(ids[6]);
    },
    TIMEOUT_MS,
  );

  it(
    'tells what never was from what the log no longer keeps',
    async () => {
      const { log } = await logged(50, { recentEvents: 20 });
      expect(await find(log, newEventId())).toEqual({ event: undefined, because: 'absent' });
      const nowMs = eventTimeMs(newEventId()) ?? 0;
      expect(await find(log, newEventId(), nowMs - HOUR_MS)).toEqual({ event: undefined, because: 'gone' });
    },
    TIMEOUT_MS,
  );

  it(
    'finds nothing in a log in which nothing ever was',
    async () => {
      const { log } = await logged(0, {});
      expect(await find(log, newEventId())).toEqual({ event: undefined, because: 'absent' });
    },
    TIMEOUT_MS,
  );
});
