import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '@tributary/testing';
import { failureOf, never, type Rig, run, startRig } from './rig.ts';

jest.setTimeout(60_000);

let rig: Rig;
afterEach(() => rig.stop());

describe('limits of the account', () => {
  it('a 429 stops all calls of the connection, log-ins and searches alike, as long as it says', async () => {
    const clock = new ManualClock();
    rig = await startRig();
    const connected = rig.connect({ clock, budget: { limit: 100, per: '10s' } });
    await connected.adapter.users?.current?.(never);
    rig.simulator.faults.add({ kind: 'rate-limit', retryAfterSeconds: 30 }, { operation: 'MESHY-08', count: 1 });
    const search = () => connected.adapter.entities?.query('workorder', { sort: [], limit: 5 }, never);
    expect(await failureOf(search())).toMatchObject({ code: 'rate-limited' });
    const position = rig.simulator.journal.position;
    expect(await failureOf(connected.adapter.users?.current?.(never))).toMatchObject({ code: 'rate-limited' });
    expect(await failureOf(connected.adapter.users?.exists?.('bob', never))).toMatchObject({ code: 'rate-limited' });
    expect(rig.simulator.journal.count({ after: position })).toBe(0);
    await clock.advance(31_000);
    expect(await failureOf(search())).toBeUndefined();
  });

  it('a full database is told from too many calls by reads that are answered between refused writes', async () => {
    const clock = new ManualClock();
    rig = await startRig();
    const { adapter } = rig.connect({ clock, budget: { limit: 1_000, per: '1s' } });
    const write = () => adapter.entities?.create?.('workorder', { a: 1 }, never);
    const read = () => adapter.entities?.query('workorder', { sort: [], limit: 5 }, never);
    await rig.simulator.actions.run('database-full', { full: true });
    expect(await failureOf(write())).toMatchObject({ code: 'rate-limited' });
    expect(adapter.limitations?.()).toEqual([]);
    await clock.advance(60_000);
    await read();
    expect(await failureOf(write())).toMatchObject({ code: 'rate-limited' });
    expect(adapter.limitations?.()).toEqual([expect.stringContaining('database limit')]);
    await rig.simulator.actions.run('database-full', { full: false });
    await clock.advance(120_000);
    await write();
    expect(adapter.limitations?.()).toEqual([]);
  });

  it('a mesh that the user may not read is said, and harms no other', async () => {
    rig = await startRig({ devices: 1, historyMs: 5_000, cadenceMs: 1_000, workOrders: 3 });
    rig.simulator.faults.add({ kind: 'status', status: 403 }, { path: '*/meshes/reading' });
    await rig.adapter.probe(never);
    expect(rig.adapter.limitations?.()).toEqual(['the user may not read the mesh "reading"']);
    expect((await run(rig, 'documents.reading')).observations).toEqual([]);
    expect((await run(rig, 'entities.workorder')).observations).toHaveLength(3);
    rig.simulator.faults.clear();
    expect((await run(rig, 'documents.reading')).observations.length).toBeGreaterThan(0);
    expect(rig.adapter.limitations?.()).toEqual([]);
  });

  it('types are what the account shows where the settings name none', async () => {
    rig = await startRig({ workOrders: 3 });
    const { adapter } = rig.connect({ settings: { meshes: [] } });
    expect((await adapter.entities?.types(never))?.map(({ name }) => name)).toContain('workorder');
    expect((await adapter.entities?.query('workorder', { sort: [], limit: 5 }, never))?.items).toHaveLength(3);
  });
});
