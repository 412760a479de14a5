import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient, type LoggedEvent, type Resync, TributaryError } from '../src/index.ts';
import { cut, problem, type ScriptedServer, type Step, scripted } from './scripted-server.ts';
import { TestClock } from './test-clock.ts';

let server: ScriptedServer;
let clock: TestClock;
afterEach(() => server?.close());

const event = (cursor: string) => `id: ${cursor}\nevent: device.updated\ndata: {"id":"e-${cursor}"}\n\n`;

const stream =
  (text: string, then: (response: ServerResponse) => void = () => undefined): Step =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(text, () => then(response));
  };
const breaks = (response: ServerResponse) => void setImmediate(() => response.destroy());
const ends = (response: ServerResponse) => void response.end();

async function against(...steps: [Step, ...Step[]]) {
  server = await scripted(...steps);
  clock = new TestClock();
  return createClient({ url: server.url, key: 'k' }, { clock, random: () => 0.5 });
}

const named = (item: LoggedEvent | Resync) => (item.kind === 'resync' ? 'resync' : item.event.id);

/** The first items of a stream, which is left then. */
async function take(items: AsyncIterable<LoggedEvent | Resync>, count: number): Promise<(LoggedEvent | Resync)[]> {
  const taken: (LoggedEvent | Resync)[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
}

const askedAfter = () => server.seen.map(({ headers }) => headers['last-event-id']);

describe('events', () => {
  it('come with name, cursor and what they say, by what was wished', async () => {
    const client = await against(stream(event('c1')));
    const events = client.events({ types: ['device', 'command.confirmed'], subject: ['dev_1'], platform: 'ochno' });
    expect(await take(events, 1)).toEqual([
      { kind: 'event', cursor: 'c1', name: 'device.updated', event: { id: 'e-c1' } },
    ]);
    expect(server.seen[0]?.url).toBe('/v1/stream?types=device%2Ccommand.confirmed&subject=dev_1&platform=ochno');
    expect(server.seen[0]?.headers.accept).toBe('text/event-stream');
    expect(events.cursor).toBe('c1');
  });

  it('go on after the last one over connections that break, end or are refused for a while', async () => {
    const client = await against(
      stream(event('c1') + event('c2'), breaks),
      cut,
      problem(503, 'events-unavailable', true, { 'retry-after': '9' }),
      stream(`${event('c3')}id: c4\ndata: {"id":"half`, ends),
      stream(event('c4')),
    );
    const items = await take(client.events({ after: 'c0' }), 4);
    expect(items.map(named)).toEqual(['e-c1', 'e-c2', 'e-c3', 'e-c4']);
    expect(askedAfter()).toEqual(['c0', 'c2', 'c2', 'c2', 'c3']);
  });

  it('are waited for as long as the service asks, longer and longer where it stays away', async () => {
    const later = problem(503, 'events-unavailable', true, { 'retry-after': '9' });
    const client = await against(stream(`retry: 700\n\n${event('c1')}`, breaks), cut, cut, later, stream(event('c2')));
    await take(client.events(), 2);
    // 700, then half of what is added to it; the last one is told by the service.
    expect(clock.waits).toEqual([700, 700 + 350, 700 + 1_050, 9_000]);
  });

  it('go on where a stream stood that broke before its first event', async () => {
    const client = await against(stream('id: here\n\n', breaks), stream(event('c1')));
    await take(client.events({ since: '2026-03-01T00:00:00Z' }), 1);
    expect(askedAfter()).toEqual([undefined, 'here']);
    expect(server.seen.map(({ url }) => url)).toEqual(['/v1/stream?since=2026-03-01T00%3A00%3A00Z', '/v1/stream']);
  });

  it('that come a second time are passed over', async () => {
    const client = await against(
      stream(event('c1') + event('c2'), breaks),
      stream(event('c1') + event('c2') + event('c3')),
    );
    expect((await take(client.events(), 3)).map(named)).toEqual(['e-c1', 'e-c2', 'e-c3']);
  });

  it('are one resync where some are no longer kept, and go on after it', async () => {
    const resync = 'id: end\nevent: resync\ndata: {"reason":"gone","snapshots":["/v1/devices"]}\n\n';
    const client = await against(stream(resync, breaks), stream(event('c9')));
    expect(await take(client.events({ after: 'long-ago' }), 2)).toEqual([
      { kind: 'resync', cursor: 'end', reason: 'gone', snapshots: ['/v1/devices'] },
      expect.objectContaining({ cursor: 'c9' }),
    ]);
    expect(askedAfter()).toEqual(['long-ago', 'end']);
  });

  it('are opened anew where nothing comes, not even a heartbeat', async () => {
    const client = await against(stream(event('c1')), stream(event('c2')));
    const events = client.events()[Symbol.asyncIterator]();
    await events.next();
    const second = events.next();
    while (clock.watches === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.expire();
    expect((await second).value).toMatchObject({ cursor: 'c2' });
    await events.return?.(undefined);
  });

  it('are not read ahead of who takes them, whose slowness is no silence', async () => {
    let sent = 0;
    const flood: Step = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const more = () => {
        while (sent < 200_000 && response.write(`${event(`c${sent}`)}: ${'x'.repeat(1_000)}\n`)) sent += 1;
      };
      response.on('drain', more);
      more();
    };
    const client = await against(flood);
    const events = client.events()[Symbol.asyncIterator]();
    await events.next();
    let before = -1;
    while (before !== sent) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(clock.watches).toBe(0);
    // What fits into the buffers of the connection, of 200 MB that would come.
    expect(sent).toBeLessThan(50_000);
    await events.return?.(undefined);
  });

  it('that are left close their connection', async () => {
    const client = await against(stream(event('c1') + event('c2')));
    await take(client.events(), 1);
    while (server.open() > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('end with the reason of the caller’s signal, also between two connections', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const client = await against(stream(event('c1')));
    const events = client.events({ signal: controller.signal })[Symbol.asyncIterator]();
    await events.next();
    const next = events.next();
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect(client.events({ signal: controller.signal })[Symbol.asyncIterator]().next()).rejects.toBe(reason);
  });

  it.each<[string, Step]>([
    ['forbidden', problem(403, 'forbidden', false)],
    ['unreadable', (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>')],
    ['unreadable', stream('id: c1\nevent: device.updated\ndata: not json\n\n')],
  ])('end where it is hopeless: %s', async (code, step) => {
    const client = await against(step);
    const failure = await take(client.events(), 1).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TributaryError);
    expect(failure).toMatchObject({ code });
    expect(server.seen).toHaveLength(1);
  });
});
