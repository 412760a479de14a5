import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { SetAsideItem } from '@tributary/contracts';
import { CredentialVault, vaultKeys } from '@tributary/database';
import { ManualClock, Metrics, silentLogger } from '@tributary/runtime';
import type { Adapter } from '../../contract.ts';
import { itemPreview } from '../requests/item-handlers.ts';
import type { ConnectionInstance } from '../supervision/connection-instance.ts';
import { SetAsideDesk } from './set-aside-desk.ts';

const connection = { workspace: 'default', platform: 'acme', id: `con_${'a'.repeat(26)}` };
const vault = new CredentialVault(vaultKeys().parse(`k1:${randomBytes(32).toString('base64')}`));

function setUp(perMinute = 3, send?: (item: SetAsideItem) => Promise<void>) {
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const sent: SetAsideItem[] = [];
  const keep = async (item: SetAsideItem) => void sent.push(item);
  const metrics = new Metrics('test');
  const desk = new SetAsideDesk({ vault, send: send ?? keep, perMinute, clock, log: silentLogger, metrics });
  const take = (item: unknown, context?: Record<string, string>) =>
    desk.take(connection, { what: 'reading', reason: 'unreadable-item', problems: [], item, context });
  return { clock, desk, sent, take };
}

describe('what is set aside', () => {
  it('is kept once, however often it is read', async () => {
    const { sent, take, desk } = setUp();
    for (const n of [1, 2, 1, 2]) take({ n });
    await desk.settled(connection.id);
    expect(sent.map(({ shown }) => shown)).toEqual(['{"n":1}', '{"n":2}']);
  });

  it('is held back where it is too much, until the minute is over', async () => {
    const { sent, take, clock } = setUp(3);
    for (let n = 0; n < 100; n++) take({ n });
    expect(sent).toHaveLength(3);
    await clock.advance(60_000);
    take({ n: 50 });
    expect(sent).toHaveLength(4);
  });

  it('shows no secret, and nothing beyond its bound', () => {
    const { sent, take, desk } = setUp();
    desk.knowSecrets(connection.id, ['horse-battery']);
    take({ note: 'by horse-battery', password: 'x1', deep: [{ apiKey: 'x2' }] }, { url: 'https://a:horse-battery@b' });
    take({ text: 'y'.repeat(100_000) });
    const text = JSON.stringify(sent.map(({ sealed: _, ...shown }) => shown));
    for (const secret of ['horse-battery', 'x1', 'x2']) expect(text).not.toContain(secret);
    expect(sent[0]?.shown).toBe('{"note":"by ***","password":"***","deep":[{"apiKey":"***"}]}');
    expect(sent[1]?.sealed).toBeUndefined();
    expect(sent[1]?.shown.length).toBeLessThan(5_000);
  });

  it('that has no form as text is told all the same', () => {
    const { sent, take } = setUp();
    const round: { self?: unknown } = {};
    round.self = round;
    take(round);
    expect(sent).toMatchObject([{ shown: '', what: 'reading' }]);
    take({ value: Number.NaN });
    expect(sent[1]?.shown).toBe('{"value":"NaN"}');
  });

  it('is waited for, and tried again where the bus did not take it', async () => {
    let fail = true;
    const sent: string[] = [];
    const { desk, take } = setUp(10, async ({ shown }) => {
      if (fail) throw new Error('away');
      sent.push(shown);
    });
    take({ n: 1 });
    await desk.settled(connection.id);
    fail = false;
    take({ n: 1 });
    await desk.settled(connection.id);
    expect(sent).toEqual(['{"n":1}']);
  });
});

describe('an item that was set aside', () => {
  const read = async (
    adapter: Partial<Adapter>,
    what: string,
    sealed: string,
    asideAt = '2026-01-01T00:00:00.000Z',
  ) => {
    const instance = { record: { ...connection }, adapter } as unknown as ConnectionInstance;
    const clock = new ManualClock(Date.UTC(2026, 0, 3));
    const preview = itemPreview({ use: (_, work) => work(instance), vault, clock });
    return preview({ connectionId: connection.id, what, sealed, asideAt }, {} as never);
  };
  const sealed = (item: unknown, context?: Record<string, string>): string => {
    const { sent, take } = setUp();
    take(item, context);
    return sent[0]?.sealed ?? '';
  };

  it('is read by what the adapter has for its kind, with what was kept beside it', async () => {
    const items: Adapter['items'] = {
      reading: (item, { topic = '' }) => [
        { device: topic, origin: 'replay', points: [{ signal: 'power', value: (item as { w: number }).w }] },
      ],
    };
    expect(await read({ items }, 'reading', sealed({ w: 5 }, { topic: 'hub/1' }))).toEqual({
      batches: [{ nativeId: 'hub/1', points: [{ signal: 'power', ts: '2026-01-01T00:00:00.000Z', value: 5 }] }],
      problems: [],
    });
  });

  it('that still does not fit says why, and one that nobody reads by itself is refused by that name', async () => {
    const items: Adapter['items'] = {
      reading: () => [{ device: 'a', origin: 'replay', points: [{ signal: '', value: 1 }] }],
    };
    expect(await read({ items }, 'reading', sealed({}))).toEqual({
      batches: [],
      problems: [{ path: '/0', problem: 'bad-signal' }],
    });
    await expect(read({}, 'reading', sealed({}))).rejects.toMatchObject({ code: 'unsupported' });
    await expect(read({ items }, 'constructor', sealed({}))).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('is a point of tomorrow: two days later it is one', async () => {
    const tsMs = Date.UTC(2026, 0, 2, 12);
    const point = { device: 'd1', point: { signal: 'power', tsMs, value: 1 } };
    expect((await read({}, 'point', sealed(point))).batches).toEqual([
      { nativeId: 'd1', points: [{ signal: 'power', ts: '2026-01-02T12:00:00.000Z', value: 1 }] },
    ]);
  });

  it('opens as an item only: not as credentials, nor credentials as an item', async () => {
    const owner = { workspace: connection.workspace, connectionId: connection.id };
    const credentials = vault.seal({ password: 'p' }, owner);
    await expect(read({}, 'point', credentials)).rejects.toMatchObject({ code: 'invalid-request' });
    expect(() => vault.open(sealed({ n: 1 }), owner)).toThrow();
  });
});
