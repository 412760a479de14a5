import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DeviceData, deviceId, fileId, spaceId } from '@tributary/contracts';
import fc from 'fast-check';
import { Connections } from '../connections/connections.ts';
import { type ScratchDatabase, scratchDatabase } from '../testing/scratch-database.ts';
import { type EventContext, Inventory } from './inventory.ts';
import { Platforms } from './platforms.ts';

let db: ScratchDatabase;
let inventory: Inventory;
let connectionId: string;
let run = 0;

beforeAll(async () => {
  db = await scratchDatabase();
  inventory = new Inventory(db);
  connectionId = await db.addConnection();
});
afterAll(() => db.drop());

const contextAt = (rev: number): EventContext => ({
  eventId: randomUUID(),
  workspace: 'default',
  platform: 'acme',
  connectionId,
  time: new Date(Date.UTC(2026, 0, 1) + rev * 1000).toISOString(),
});

const deviceOf = (nativeId: string, rev: number, more: Partial<DeviceData> = {}): DeviceData => ({
  deviceId: deviceId(connectionId, nativeId),
  nativeId,
  rev: String(rev),
  name: `${nativeId} ${rev}`,
  spaces: [],
  properties: {},
  ...more,
});

const space = (nativeId: string, kind: string) => ({
  spaceId: spaceId(connectionId, nativeId),
  nativeId,
  name: nativeId,
  kind,
});

const change = fc.record({
  device: fc.constantFrom('d1', 'd2'),
  rev: fc.integer({ min: 1, max: 1000 }),
  what: fc.constantFrom('discovered', 'updated', 'removed', 'attributes', 'gone', 'file', 'status'),
});

/** A rev says one thing only: the adapter's clock never repeats. */
const changes = fc.uniqueArray(change, { minLength: 1, maxLength: 12, selector: (c) => c.rev });

async function apply({ device, rev, what }: { device: string; rev: number; what: string }): Promise<void> {
  const nativeId = `${run} ${device}`;
  const id = deviceId(connectionId, nativeId);
  const context = contextAt(rev);
  const common = { deviceId: id, nativeId, rev: String(rev) };
  if (what === 'attributes' || what === 'gone') {
    const value = what === 'gone' ? {} : { value: rev };
    await inventory.applyAttributes(context, { ...common, attributes: [{ scope: 'client', name: 'a', ...value }] });
  } else if (what === 'file') {
    await inventory.applyFile(context, {
      ...common,
      fileId: fileId(connectionId, nativeId, 'f'),
      name: 'f',
      location: 'device',
      sizeBytes: rev,
    });
  } else if (what === 'status') {
    await inventory.applyConnection(context, rev % 2 ? 'degraded' : 'recovered', {
      connectionId,
      rev: String(1_000_000 * run + rev),
    });
  } else {
    const spaces = [
      { ...space(`company ${run}`, 'company'), name: `named ${rev % 2}` },
      space(`floor ${rev % 3} of ${run}`, 'floor'),
    ];
    await inventory.applyDevice(context, what as 'updated', deviceOf(nativeId, rev, { spaces }));
  }
}

/** All that the facts of a run can have changed. */
async function state() {
  const devices = await db.pool.query(
    `select to_jsonb(d) as device,
       (select jsonb_agg(to_jsonb(a) order by a.name) from attribute a where a.device_id = d.id) as attributes,
       (select jsonb_agg(to_jsonb(f) order by f.id) from file f where f.device_id = d.id) as files
     from device d where d.native_id like $1 order by d.id`,
    [`${run} %`],
  );
  const status = await db.pool.query('select connection_id, status, rev, since, reason from connection_status');
  const said = await db.pool.query('select connection_id, status, rev, at from connection_status_change order by 1, 3');
  const spaces = await db.pool.query('select to_jsonb(s) as space from space s order by id');
  // When a placeholder was made is not a fact.
  const rows = devices.rows.map(({ device, ...rest }) =>
    device.state === 'unconfirmed'
      ? { device: { ...device, first_seen_at: 0, updated_at: 0 }, ...rest }
      : { device, ...rest },
  );
  return { devices: rows, status: status.rows, said: said.rows, spaces: spaces.rows };
}

async function forget(): Promise<void> {
  await db.pool.query('delete from device where native_id like $1', [`${run} %`]);
  await db.pool.query('delete from space');
  await db.pool.query('delete from connection_status');
  await db.pool.query('delete from connection_status_change');
}

const find = async (table: 'device' | 'file' | 'platform_event' | 'platform', id: string) =>
  (await db.pool.query(`select * from ${table} where id = $1`, [id])).rows[0];
const attributesOf = async (id: string) =>
  (await db.pool.query('select * from attribute where device_id = $1 order by scope, name', [id])).rows;

describe('Inventory', () => {
  it('does not mind order or duplicates', async () => {
    await fc.assert(
      fc.asyncProperty(changes, fc.infiniteStream(fc.nat()), async (facts, random) => {
        run++;
        await forget();
        for (const fact of facts) await apply(fact);
        const inOrder = await state();
        await forget();
        const shuffled = [...facts, ...facts]
          .map((fact) => ({ fact, at: random.next().value as number }))
          .toSorted((a, b) => a.at - b.at);
        for (const { fact } of shuffled) await apply(fact);
        expect(await state()).toEqual(inOrder);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('tells what became of an event', async () => {
    const data = deviceOf('told', 5);
    expect(await inventory.applyDevice(contextAt(5), 'discovered', data)).toBe('applied');
    expect(await inventory.applyDevice(contextAt(5), 'discovered', data)).toBe('stale');
    expect(await inventory.applyDevice({ ...contextAt(6), workspace: 'other' }, 'updated', deviceOf('told', 6))).toBe(
      'unknown-connection',
    );
  });

  it('does not let one connection write to the device of another', async () => {
    const other = await db.addConnection({ workspace: 'elsewhere' });
    await inventory.applyDevice(contextAt(1), 'discovered', deviceOf('mine', 1));
    const forged = { ...contextAt(9), workspace: 'elsewhere', connectionId: other };
    await inventory.applyDevice(forged, 'updated', { ...deviceOf('mine', 9), nativeId: 'other' });
    await inventory.applyAttributes(forged, {
      ...deviceOf('mine', 9),
      attributes: [{ scope: 'client', name: 'a', value: 1 }],
    });
    const id = deviceId(connectionId, 'mine');
    expect(await find('device', id)).toMatchObject({ name: 'mine 1', native_id: 'mine', workspace_id: 'default' });
    expect(await attributesOf(id)).toEqual([]);
  });

  it('fills in a placeholder when the device is discovered', async () => {
    await inventory.applyAttributes(contextAt(1), {
      ...deviceOf('early', 1),
      attributes: [
        { scope: 'shared', name: 'x', value: { deep: [1] } },
        { scope: 'shared', name: 'x', value: 'last counts' },
        { scope: 'client', name: 'y', value: null },
      ],
    });
    const id = deviceId(connectionId, 'early');
    expect(await find('device', id)).toMatchObject({ native_id: 'early', state: 'unconfirmed', name: 'early' });
    await inventory.applyDevice(contextAt(2), 'discovered', deviceOf('early', 2, { kind: 'lamp' }));
    expect(await find('device', id)).toMatchObject({ state: 'known', name: 'early 2', kind: 'lamp' });
    expect((await attributesOf(id)).map((a) => [a.scope, a.name, a.value])).toEqual([
      ['client', 'y', null],
      ['shared', 'x', 'last counts'],
    ]);
  });

  it('knows the status of a connection', async () => {
    const connections = new Connections(db);
    await inventory.applyConnection(contextAt(1), 'unauthorized', {
      connectionId,
      rev: '9000000000',
      reason: 'refused',
      error: { code: 'authentication', message: 'no' },
    });
    expect((await connections.findAll([connectionId]))[0]).toMatchObject({
      status: 'unauthorized',
      statusReason: 'refused',
      statusError: { code: 'authentication' },
    });
  });

  it('keeps platform events once', async () => {
    const context = contextAt(1);
    const event = { name: 'device.ping', ts: context.time, details: { a: 1 } };
    expect(await inventory.applyPlatformEvent(context, event)).toBe('applied');
    expect(await inventory.applyPlatformEvent(context, event)).toBe('stale');
    expect(await find('platform_event', context.eventId)).toMatchObject({ name: 'device.ping', details: { a: 1 } });
  });

  it('notes files that were listed, below all that events tell, and of its own devices only', async () => {
    await inventory.applyDevice(contextAt(1), 'discovered', deviceOf('lister', 1));
    const device = deviceId(connectionId, 'lister');
    const ids = ['a', 'b'].map((name) => fileId(connectionId, 'lister', name)) as [string, string];
    const listed = (location: 'device' | 'both') =>
      ids.map((id, n) => ({ fileId: id, name: 'ab'.charAt(n), location, sizeBytes: 5_000_000_000 }));
    const note = (context: EventContext, location: 'device' | 'both') =>
      inventory.noteFiles(context, device, [...listed(location), ...listed(location)]);
    await note({ ...contextAt(2), workspace: 'other' }, 'both');
    expect(await find('file', ids[0])).toBeUndefined();
    await note(contextAt(2), 'both');
    expect(await find('file', ids[0])).toMatchObject({ location: 'both', size_bytes: '5000000000', rev: '1' });
    const event = { ...deviceOf('lister', 3), fileId: ids[0], name: 'a', location: 'platform' as const };
    expect(await inventory.applyFile(contextAt(3), event)).toBe('applied');
    await note(contextAt(4), 'device');
    expect(await Promise.all(ids.map(async (id) => (await find('file', id)).location))).toEqual(['platform', 'device']);
  });

  it('announces platforms', async () => {
    const platforms = new Platforms(db);
    const acme = {
      id: 'acme',
      displayName: 'Acme',
      capabilities: ['devices' as const],
      budgets: [],
      settingsSchema: {},
      credentialsSchema: {},
      updatedAt: new Date(0).toISOString(),
    };
    await Promise.all([platforms.announce(acme), platforms.announce(acme)]);
    await platforms.announce({ ...acme, displayName: 'Acme 2' });
    expect((await find('platform', 'acme')).resource).toEqual({ ...acme, displayName: 'Acme 2' });
  });
});
