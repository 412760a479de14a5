import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deviceId, makeEvent } from '@tributary/contracts';
import { newEventId, newId } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { makeWorld, type World } from './world/world.ts';

let world: World;
let token: string;
let base: string;
const connection = newId('con');
const publisherOf = new Map<World, ReturnType<World['broker']['publisher']>>();

beforeAll(async () => {
  world = await makeWorld();
  token = await world.key('acme');
  await world.fastify.listen({ port: 0, host: '127.0.0.1' });
  base = `http://127.0.0.1:${(world.fastify.server.address() as AddressInfo).port}`;
  publisherOf.set(world, world.broker.publisher());
});
afterAll(async () => {
  await world.close();
});

async function publish(workspace: string, native: string, value: number): Promise<string> {
  const device = deviceId(connection, native);
  const name = 'telemetry.observed' as const;
  const time = new Date().toISOString();
  const event = makeEvent({
    id: newEventId(),
    name,
    workspace,
    platform: 'acme',
    connectionId: connection,
    subject: device,
    time,
    origin: 'live',
    data: { deviceId: device, nativeId: native, rev: '1', points: [{ signal: 'power', ts: time, value }] },
  });
  await publisherOf
    .get(world)
    ?.publish(event, { workspace, event: name, platform: 'acme', connectionId: connection, subjectId: device });
  return event.id;
}

interface Frame {
  id?: string;
  event?: string;
  data?: string;
}

/** Opens a stream, and gives its frames one by one. */
async function openStream(query: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  const answer = await fetch(`${base}/v1/stream${query}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: controller.signal,
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  let beganAt: string | undefined;
  const next = async (): Promise<Frame> => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end >= 0) {
        const lines = buffer.slice(0, end).split('\n');
        buffer = buffer.slice(end + 2);
        const frame = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if ('event' in frame) return frame as Frame;
        beganAt ??= frame.id;
        continue;
      }
      const chunk = await reader?.read();
      if (!chunk || chunk.done) throw new Error('the stream ended');
      buffer += chunk.value;
    }
  };
  return { answer, next, beganAt: () => beganAt, close: () => controller.abort() };
}

const get = async (url: string) => {
  const answer = await fetch(`${base}${url}`, { headers: { authorization: `Bearer ${token}` } });
  return {
    status: answer.status,
    body: (await answer.json()) as {
      items: { cursor: string; event: { id: string } }[];
      page: { nextCursor: string };
      code?: string;
    },
  };
};

describe('events', () => {
  it('are read by cursor, of the own workspace only, with one cursor for pages and streams', async () => {
    const mine = [await publish('acme', 'd1', 1), await publish('acme', 'd2', 2)];
    await publish('other', 'd1', 3);
    mine.push(await publish('acme', 'd1', 4));
    // A page ends with what has come: all of it only once the last has.
    const page = await eventually('all are in the log', async () => {
      const read = await get('/v1/events?limit=1000&waitMs=5000');
      return read.body.items.length >= mine.length && read;
    });
    expect(page.body.items.map((item) => item.event.id)).toEqual(mine);

    const first = page.body.items[0]?.cursor ?? '';
    const rest = await get(`/v1/events?cursor=${first}&waitMs=5000`);
    expect(rest.body.items.map((item) => item.event.id)).toEqual(mine.slice(1));
    const narrow = await get(`/v1/events?subject=${deviceId(connection, 'd2')}&types=telemetry`);
    expect(narrow.body.items.map((item) => item.event.id)).toEqual([mine[1]]);

    const stream = await openStream('', { 'last-event-id': first });
    expect(stream.answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const frames = [await stream.next(), await stream.next()];
    expect(frames.map((frame) => JSON.parse(frame.data ?? '').id)).toEqual(mine.slice(1));
    expect(frames[0]).toMatchObject({ event: 'telemetry.observed', id: page.body.items[1]?.cursor });
    stream.close();
  });

  it('that come while a page waits end the wait', async () => {
    const { nextCursor } = (await get('/v1/events?limit=1000')).body.page;
    const waiting = get(`/v1/events?cursor=${nextCursor}&waitMs=20000`);
    const id = await publish('acme', 'd3', 5);
    expect((await waiting).body.items.map((item) => item.event.id)).toEqual([id]);
  });

  it('lose nothing when a stream breaks and comes back', async () => {
    const seen: string[] = [];
    const sent: string[] = [];
    let last = (await get('/v1/events?limit=1000')).body.page.nextCursor;
    for (let round = 0; round < 5; round += 1) {
      const stream = await openStream('', { 'last-event-id': last });
      for (let i = 0; i < 4; i += 1) sent.push(await publish('acme', `r${i}`, i));
      for (let i = 0; i < 3; i += 1) {
        const frame = await stream.next();
        seen.push(JSON.parse(frame.data ?? '').id);
        last = frame.id ?? last;
      }
      stream.close();
    }
    const end = await openStream('', { 'last-event-id': last });
    while (seen.length < sent.length) seen.push(JSON.parse((await end.next()).data ?? '').id);
    end.close();
    expect(seen).toEqual(sent);
  });

  it('begin with what is new where no cursor is given, say where that is, and pass wishes', async () => {
    const stream = await openStream(`?types=telemetry.observed&connection=${connection}`);
    const { nextCursor } = (await get('/v1/events?limit=1000')).body.page;
    const id = await publish('acme', 'fresh', 1);
    expect(JSON.parse((await stream.next()).data ?? '').id).toBe(id);
    expect(stream.beganAt()).toBe(nextCursor);
    stream.close();
  });

  it('whose cursor is no longer kept give one resync, then what is new', async () => {
    const gone = Buffer.from('1.99999999.deadbeef').toString('base64url');
    const stream = await openStream(`?cursor=${gone}`);
    const resync = await stream.next();
    expect(resync).toMatchObject({ event: 'resync' });
    const id = await publish('acme', 'after', 1);
    // Who comes back to where that was is told nothing twice, and misses nothing.
    const later = await openStream('', { 'last-event-id': resync.id ?? '' });
    expect(JSON.parse((await later.next()).data ?? '').id).toBe(id);
    later.close();
    expect(JSON.parse((await stream.next()).data ?? '').id).toBe(id);
    stream.close();
    expect((await get(`/v1/events?cursor=${gone}`)).body.code).toBe('gone');
  });
});
