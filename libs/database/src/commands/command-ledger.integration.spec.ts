import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CommandState, canAdvance, commandStates, deviceId } from '@tributary/contracts';
import { ManualClock } from '@tributary/runtime';
import { ConnectionLeases } from '../connections/connection-leases.ts';
import type { OutboxMessage } from '../outbox/outbox.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { CommandLedger, type Step } from './command-ledger.ts';
import { Commands } from './commands.ts';

const MINUTE = 60_000;
const clock = new ManualClock(Date.UTC(2026, 5, 1));
const evidence: Step['evidence'] = { kind: 'platform-answer', detail: 'it said so' };
let db: ScratchDatabase;
let ledger: CommandLedger;
let commands: Commands;
let connectionId: string;

beforeAll(async () => {
  db = await scratchDatabase();
  connectionId = await db.addConnection();
  ledger = new CommandLedger(db, { clock, commandQueue: (platform) => `test.adapter.${platform}.commands` });
  commands = new Commands(db);
});
afterAll(() => db.drop());

const accept = (options: { platform?: string; connection?: string } = {}) =>
  ledger.accept({
    workspace: 'default',
    platform: options.platform ?? 'acme',
    connectionId: options.connection ?? connectionId,
    deviceId: deviceId(connectionId, 'lamp'),
    nativeId: 'lamp',
    name: 'switch',
    params: { on: true },
    expiresAt: new Date(clock.now() + 15 * MINUTE),
    caller: 'key_x',
  });

/** Puts a command where a test wants it to begin. */
async function commandIn(state: CommandState): Promise<string> {
  const { id } = await accept();
  await db.pool.query('update command set state = $2 where id = $1', [id, state]);
  return id;
}

const stateOf = async (id: string) => (await commands.find(id))?.state;
const outboxOf = async (id: string) => {
  const { rows } = await db.pool.query<{ message: OutboxMessage }>(
    'select message from outbox where aggregate = $1 order by seq',
    [id],
  );
  return rows.map(({ message }) => (message.kind === 'event' ? message.routing.event : message.queue));
};

describe('CommandLedger', () => {
  it('writes a command, its first evidence, its event and the order, all together', async () => {
    const made = await accept();
    expect(await outboxOf(made.id)).toEqual(['command.accepted', 'test.adapter.acme.commands']);
    expect(await commands.get('default', made.id)).toMatchObject({
      state: 'accepted',
      params: { on: true },
      transitions: [{ state: 'accepted', evidence: { kind: 'caller', detail: 'key_x' } }],
    });
    expect(await commands.get('other', made.id)).toBeUndefined();
  });

  it('takes exactly the steps of the ladder', async () => {
    for (const from of commandStates) {
      for (const to of commandStates) {
        const id = await commandIn(from);
        const before = await outboxOf(id);
        expect(`${from} ${to} ${await ledger.advance(id, to, { evidence })}`).toBe(
          `${from} ${to} ${canAdvance(from, to)}`,
        );
        expect(await stateOf(id)).toBe(canAdvance(from, to) ? to : from);
        expect((await outboxOf(id)).length - before.length).toBe(canAdvance(from, to) ? 1 : 0);
      }
    }
  });

  it('keeps evidence, error and reference of each step', async () => {
    const { id } = await accept();
    await ledger.claim(id, { replica: 'a' });
    await ledger.advance(id, 'queued', { evidence: { ...evidence, reference: 'v-1' }, reference: { job: 7 } });
    await ledger.advance(id, 'failed', { evidence, error: { code: 'unavailable', message: 'no' } });
    const stored = await commands.get('default', id);
    expect(
      stored?.transitions.map((t) => [t.state, t.evidence.kind, t.evidence.reference ?? null, t.error?.code ?? null]),
    ).toEqual([
      ['accepted', 'caller', null, null],
      ['dispatched', 'adapter', null, null],
      ['queued', 'platform-answer', 'v-1', null],
      ['failed', 'platform-answer', null, 'unavailable'],
    ]);
    expect(stored).toMatchObject({ reference: { job: 7 }, error: { code: 'unavailable' } });
    expect(await outboxOf(id)).toEqual([
      'command.accepted',
      'test.adapter.acme.commands',
      'command.dispatched',
      'command.queued',
      'command.failed',
    ]);
  });

  it('is claimed once, however many try at the same time', async () => {
    const { id } = await accept();
    const claims = await Promise.all(Array.from({ length: 12 }, (_, n) => ledger.claim(id, { replica: `r${n}` })));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect((await commands.get('default', id))?.transitions).toHaveLength(2);
  });

  it('is never claimed after its deadline, and expires', async () => {
    const { id } = await accept();
    await clock.advance(15 * MINUTE);
    expect(await ledger.claim(id, { replica: 'a' })).toBeUndefined();
    expect(await ledger.expireDue()).toBeGreaterThanOrEqual(1);
    expect(await stateOf(id)).toBe('expired');
    expect(await ledger.claim(id, { replica: 'a' })).toBeUndefined();
    expect((await commands.get('default', id))?.transitions.at(-1)?.evidence.kind).toBe('deadline');
  });

  it('is not claimed with the epoch of a lease that another has', async () => {
    const platform = 'fenced';
    const leases = new ConnectionLeases(db);
    const connection = await db.addConnection({ platform });
    const [lease] = await leases.acquire({ platform, replica: 'a', max: 1, ttlMs: 60_000 });
    const { id } = await accept({ platform, connection });
    await db.pool.query('update connection_lease set epoch = epoch + 1 where connection_id = $1', [connection]);
    expect(await ledger.claim(id, { replica: 'a', epoch: lease?.epoch })).toBeUndefined();
    expect(await ledger.claim(id, { replica: 'b', epoch: (lease?.epoch ?? 0n) + 1n })).toBeDefined();
  });

  it('is cancelled before it is sent or while it is queued, within its workspace only', async () => {
    const accepted = await commandIn('accepted');
    expect(await ledger.cancel('other', accepted, 'key_y')).toBe('not-found');
    expect(await ledger.cancel('default', accepted, 'key_y')).toBe('cancelled');
    expect(await ledger.cancel('default', accepted, 'key_y')).toBe('too-late');
    expect(await ledger.claim(accepted, { replica: 'a' })).toBeUndefined();
    expect(await ledger.cancel('default', await commandIn('queued'), 'key_y')).toBe('cancelled');
    expect(await ledger.cancel('default', await commandIn('dispatched'), 'key_y')).toBe('too-late');
  });

  it('lists what is to be followed, least recently followed first', async () => {
    const platform = 'followed';
    const connection = await db.addConnection({ platform });
    const ids = [];
    for (let n = 0; n < 3; n++) {
      const { id } = await accept({ platform, connection });
      await ledger.claim(id, { replica: 'a' });
      await ledger.advance(id, 'queued', { evidence, reference: { n } });
      ids.push(id);
    }
    const due = () => commands.toFollow({ connectionIds: [connection], notSince: new Date(clock.now()), limit: 10 });
    expect((await due()).map((c) => c.id)).toEqual(ids);
    await ledger.follow(ids[0] ?? '', { n: 10 });
    expect((await due()).map((c) => c.id)).toEqual(ids.slice(1));
    await clock.advance(1_000);
    expect((await due()).map((c) => c.reference)).toEqual([{ n: 1 }, { n: 2 }, { n: 10 }]);
  });
});
