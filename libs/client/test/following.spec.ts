import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../src/index.ts';
import { collect } from './chunked.ts';
import {
  cut,
  cutInBody,
  json,
  problem,
  type ScriptedServer,
  type Seen,
  type Step,
  scripted,
} from './scripted-server.ts';
import { TestClock } from './test-clock.ts';

let server: ScriptedServer;
let clock: TestClock;
afterEach(() => server?.close());

async function against(...steps: [Step, ...Step[]]) {
  server = await scripted(...steps);
  clock = new TestClock();
  return createClient({ url: server.url, key: 'k' }, { clock, random: () => 0.5 });
}

const urls = () => server.seen.map(({ url }) => url);

describe('lists', () => {
  const page = (ids: string[], nextCursor?: string) =>
    json({ items: ids.map((id) => ({ id })), page: nextCursor === undefined ? {} : { nextCursor } });

  it('are read page by page while they are iterated, empty ones too', async () => {
    const client = await against(page(['a', 'b'], 'p2'), page([], 'p3'), cut, page(['c']));
    const ids: string[] = [];
    for await (const { id } of client.list('/v1/devices', { query: { filter: 'kind eq "x"' } })) ids.push(id);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(urls().map((url) => new URLSearchParams(url.split('?')[1]).get('cursor'))).toEqual([null, 'p2', 'p3', 'p3']);
    expect(urls()[1]).toBe('/v1/devices?limit=200&filter=kind+eq+%22x%22&cursor=p2');
  });

  it('that are left early ask for no more', async () => {
    const client = await against(page(['a', 'b'], 'p2'));
    expect(await client.list('/v1/devices', { query: { limit: 2 } }).all(1)).toEqual([{ id: 'a' }]);
    expect(urls()).toEqual(['/v1/devices?limit=2']);
  });

  it('without end stop at an empty page, and a page that leads to itself is an error', async () => {
    const events = await against(page(['a'], 'p2'), page([], 'p2'));
    expect(await events.list('/v1/events').all()).toHaveLength(1);
    await server.close();
    const circle = await against(page(['a'], 'p2'), page(['b'], 'p2'));
    await expect(circle.list('/v1/devices').all()).rejects.toThrow('a page names itself as the next one');
  });
});

describe('points', () => {
  const at = (second: number) => ({ ts: `2026-03-01T00:00:0${second}.000Z`, value: second });
  const lines = (...points: unknown[]) => points.map((point) => `${JSON.stringify(point)}\n`).join('');
  const ndjson = { 'content-type': 'application/x-ndjson' };
  const whole =
    (text: string): Step =>
    (response) =>
      void response.writeHead(200, ndjson).end(text);
  const range = { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' } as const;
  const asked = (name: string) => urls().map((url) => new URLSearchParams(url.split('?')[1]).get(name));

  it('go on after the last one where their stream is cut, and none comes twice', async () => {
    const client = await against(
      cutInBody(`${lines(at(1), at(2))}{"ts":"2026-03-01T00:0`, ndjson),
      problem(503, 'storage-unavailable', true),
      // A gateway ended what was cut as if it were whole.
      whole(`${lines(at(2), at(3))}{"ts`),
      whole(lines(at(3), at(4))),
    );
    expect(await collect(client.points('ser_1', range))).toEqual([at(1), at(2), at(3), at(4)]);
    expect(asked('from')).toEqual([range.from, at(2).ts, at(2).ts, at(3).ts]);
    expect(server.seen[0]?.headers.accept).toBe('application/x-ndjson');
  });

  it('go on before the last one where the newest come first', async () => {
    const client = await against(cutInBody(lines(at(9), at(8)), ndjson), whole(lines(at(7))));
    expect(await collect(client.points('ser_1', { ...range, order: 'desc' }))).toEqual([at(9), at(8), at(7)]);
    expect(asked('to')).toEqual([range.to, at(8).ts]);
    expect(asked('from')).toEqual([range.from, range.from]);
  });

  it('that do not come at all are a failure in the end', async () => {
    const client = await against(cutInBody('', ndjson));
    await expect(collect(client.points('ser_1', range))).rejects.toMatchObject({ code: 'network' });
    expect(server.seen).toHaveLength(5);
  });
});

describe('change', () => {
  const connection = (name: string) => json({ id: 'con_1', name }, { etag: `"${name}"` });
  const changed = problem(412, 'precondition-failed', false);
  const at = { path: { connectionId: 'con_1' } };

  it('writes against what was read, and decides anew where another writer was first', async () => {
    const client = await against(connection('a'), changed, connection('b'), connection('b!'));
    const after = await client.change('/v1/connections/{connectionId}', at, (now) => ({ name: `${now.name}!` }));
    expect(after.name).toBe('b!');
    expect(server.seen.map(({ method, headers, body }) => [method, headers['if-match'], body])).toEqual([
      ['GET', undefined, ''],
      ['PATCH', '"a"', '{"name":"a!"}'],
      ['GET', undefined, ''],
      ['PATCH', '"b"', '{"name":"b!"}'],
    ]);
  });

  it('writes nothing where nothing has to change, and gives up where others are always first', async () => {
    const client = await against(connection('a'));
    await client.change('/v1/connections/{connectionId}', at, () => undefined);
    expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
    await server.close();
    const late = await against(connection('a'), changed, connection('b'), changed);
    const changing = late.change('/v1/connections/{connectionId}', { ...at, attempts: 2 }, () => ({ name: 'x' }));
    await expect(changing).rejects.toMatchObject({ code: 'precondition-failed' });
  });
});

describe('waiting for a command', () => {
  interface House {
    states: string[];
    evidence?: string[];
    /** What the stream of events answers. */
    events: Step;
  }

  /** Each look at the command finds the next state, the last one for ever. */
  const house = ({ states, evidence = ['acknowledged', 'confirmed'], events }: House) =>
    against((response, request: Seen) => {
      if (request.url.startsWith('/v1/stream')) return events(response, request);
      if (request.url.endsWith('/command-descriptions')) {
        return json({ items: [{ name: 'restart', evidence }] })(response, request);
      }
      const state = states.length > 1 ? states.shift() : states[0];
      return json({ id: 'cmd_1', deviceId: 'dev_1', name: 'restart', state })(response, request);
    });

  const looks = () => server.seen.filter(({ url }) => url === '/v1/commands/cmd_1').length;
  const told: Step = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('id: c1\nevent: command.dispatched\ndata: {}\n\nid: c2\nevent: command.confirmed\ndata: {}\n\n');
  };

  it('looks whenever an event tells that it has moved', async () => {
    const client = await house({ states: ['accepted', 'dispatched', 'confirmed'], events: told });
    clock.sleep = () => new Promise(() => undefined);
    expect((await client.waitForCommand('cmd_1')).state).toBe('confirmed');
    expect(server.seen.find(({ url }) => url.startsWith('/v1/stream'))?.url).toBe(
      '/v1/stream?types=command&subject=cmd_1',
    );
  });

  it('looks from time to time where events cannot be had', async () => {
    const forbidden = problem(403, 'forbidden', false);
    const client = await house({ states: ['accepted', 'queued', 'queued', 'expired'], events: forbidden });
    expect((await client.waitForCommand('cmd_1', { pollMs: 700 })).state).toBe('expired');
    expect(clock.waits.filter((ms) => ms === 700)).toHaveLength(3);
  });

  it('ends where the platform can prove no more, and where the caller wants it', async () => {
    const proven = await house({ states: ['accepted', 'acknowledged'], evidence: ['acknowledged'], events: told });
    expect((await proven.waitForCommand('cmd_1')).state).toBe('acknowledged');
    await server.close();
    const queued = await house({ states: ['accepted', 'queued'], events: told });
    expect((await queued.waitForCommand('cmd_1', { until: ['queued'] })).state).toBe('queued');
  });

  it('ends at its deadline and with the signal, and leaves nothing open', async () => {
    const client = await house({ states: ['queued'], events: told });
    clock.sleep = (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const late = client.waitForCommand('cmd_1', { deadlineMs: 1_000 }).catch((error: unknown) => error);
    while (looks() < 3) await new Promise((resolve) => setImmediate(resolve));
    clock.expire();
    expect(await late).toMatchObject({ code: 'deadline' });
    const controller = new AbortController();
    const waiting = client.waitForCommand('cmd_1', { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    while (server.open() > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
