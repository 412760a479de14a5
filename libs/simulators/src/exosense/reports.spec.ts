import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, data, EXO_START, startStill } from '../../test/exosense-caller.ts';
import { call, dig } from '../../test/opticloud-caller.ts';
import { TOKENS } from './accounts.ts';
import { formatTime } from './report-file.ts';
import type { ExosenseSimulator } from './server.ts';

let sim: ExosenseSimulator;
beforeEach(async () => {
  sim = await startStill({ limits: { requests: 1_000 }, producing: false, historyMs: 0 });
});
afterEach(() => sim.stop());

const SECONDS = EXO_START / 1_000;
const signal = (index: number) => ({ id: sim.state.assets()[0]?.signals[index]?.id ?? '', name: 'any' });

interface Order {
  start_timestamp: number;
  end_timestamp: number;
  signals: Array<{ id: string; name: string }>;
  assetNames?: string[];
  timezone?: { format?: string; offset?: number };
}
const order = (change: Partial<Order> = {}): Order => ({
  start_timestamp: SECONDS - 60,
  end_timestamp: SECONDS,
  signals: [signal(2), signal(5)],
  assetNames: ['Customer A Child 1 Asset 1'],
  ...change,
});
const CREATE = 'mutation($r: CreateReport!) { createReport(report_info: $r) }';
const create = async (change: Partial<Order> = {}) =>
  String(await data(sim, { query: CREATE, variables: { r: order(change) } }, 'createReport'));
const stateOf = (job: string) => data(sim, `{ reportStatus(job_id: "${job}") { state } }`, 'reportStatus', 'state');
const address = async (job: string, expires = 600) =>
  String(await data(sim, `{ report(job_id: "${job}", expires_in: ${expires}) }`, 'report'));
const failure = async (asked: Parameters<typeof ask>[1]) => dig((await ask(sim, asked)).json, 'errors', 0, 'message');

describe('ExoSense reports', () => {
  it('EXO-21 a report is queued, runs, and is there: every stored value of the period, as CSV', async () => {
    const at = (ago: number, values: object) => ({ ts: EXO_START - ago, values });
    await sim.actions.run('produce', {
      device: 0,
      telemetry: [
        at(1_000, { Energy: 3, 运行状态: 'a "b", c\nd' }),
        at(60_000, { Energy: 1 }),
        at(2_500, { Energy: 2.5 }),
        at(60_001, { Energy: 0 }),
        at(0, { Energy: 9 }),
      ],
    });
    const job = await create();
    expect(await stateOf(job)).toBe('queued');
    await sim.clock.advance(5_000);
    expect(await stateOf(job)).toBe('running');
    expect(await failure(`{ report(job_id: "${job}") }`)).toBe('Report is running');
    await sim.clock.advance(10_000);
    expect(
      await data(
        sim,
        `{ reportStatus(job_id: "${job}") { job_id state format filename content_id length start_time update_time query } }`,
        'reportStatus',
      ),
    ).toMatchObject({
      job_id: job,
      state: 'completed',
      format: 'csv',
      filename: expect.stringMatching(/\.csv$/),
      start_time: '2026-03-01T12:00:00.000000Z',
      update_time: '2026-03-01T12:00:15.000000Z',
      query: { start_timestamp: SECONDS - 60, assetNames: ['Customer A Child 1 Asset 1'] },
    });
    const file = await call(await address(job));
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    const series = (index: number, name: string) => `Customer A Child 1 Asset 1,${signal(index).id},${name}`;
    expect(file.text).toBe(
      [
        'timestamp,asset,signal_id,signal,value',
        `2026-03-01T11:59:00.000000+0000,${series(2, 'Energy')},1`,
        `2026-03-01T11:59:57.500000+0000,${series(2, 'Energy')},2.5`,
        `2026-03-01T11:59:59.000000+0000,${series(2, 'Energy')},3`,
        `2026-03-01T11:59:59.000000+0000,${series(5, '运行状态')},"a ""b"", c\nd"`,
        '',
      ].join('\r\n'),
    );
  });

  it('EXO-21 an address is good for as long as was said, and nothing but the whole of it is', async () => {
    const job = await create();
    await sim.clock.advance(15_000);
    const url = await address(job, 60);
    expect((await call(url)).status).toBe(200);
    expect((await call(url.replace(/signature=\w/, 'signature=x'))).status).toBe(403);
    expect((await call(url.replace(/expires=\d+/, 'expires=99999999999'))).status).toBe(403);
    expect((await call(url.split('?')[0] ?? '')).status).toBe(403);
    expect((await call(url.replace(/reports\/[^?]+/, 'reports/unknown'))).status).toBe(404);
    await sim.clock.advance(60_000);
    expect((await call(url)).status).toBe(403);
    const late = await address(job, 100_000);
    await sim.clock.advance(3_600_000);
    expect([await stateOf(job), (await call(late)).status]).toEqual(['expired', 410]);
    expect(await failure(`{ report(job_id: "${job}") }`)).toBe('Report is expired');
    const counted = sim.journal.count({ operation: 'report-file' });
    expect(counted).toBe(7);
    expect(await sim.actions.run('budget', { token: 'admin' })).toMatchObject({ requests: 2 });
  });

  it('EXO-21 a report fails, or has expired, where that is arranged', async () => {
    await sim.actions.run('next-report', { outcome: 'failed' });
    await sim.actions.run('next-report', { outcome: 'expired' });
    const jobs = [await create(), await create(), await create()];
    await sim.clock.advance(15_000);
    expect(await Promise.all(jobs.map(stateOf))).toEqual(['failed', 'expired', 'completed']);
  });

  it('EXO-21 refuses too many signal days, signals that are not there, and periods that end before they begin', async () => {
    const signals = Array.from({ length: 8 }, (_, i) => signal(i));
    const days = (count: number) => order({ signals, start_timestamp: SECONDS - count * 86_400 });
    const create = (r: Order) => ({ query: CREATE, variables: { r } });
    expect(await failure(create(days(76)))).toBe('Report exceeds the limit of signal days');
    expect(await failure(create(days(75)))).toBeUndefined();
    expect(await failure(create(order({ signals: [{ id: 'x', name: 'x' }] })))).toBe('Signal not found');
    for (const r of [order({ end_timestamp: SECONDS - 60 }), order({ signals: [] })]) {
      expect(await failure(create(r))).toMatch(/must/);
    }
    const foreign = sim.state.assets()[2]?.signals[0]?.id ?? '';
    const theirs = await ask(sim, create(order({ signals: [{ id: foreign, name: '' }] })), TOKENS.customerA);
    expect(dig(theirs.json, 'errors', 0, 'message')).toBe('Signal not found');
    for (const query of ['{ reportStatus(job_id: "x") { state } }', '{ report(job_id: "x") }']) {
      expect(await failure(query)).toBe('Report not found');
    }
  });

  it('writes times as they are asked for', () => {
    const ms = Date.UTC(2026, 11, 31, 23, 5, 6, 78);
    expect(formatTime(ms, { format: '%Y-%m-%dT%H:%M:%S.%f%z', offset: 2 })).toBe('2027-01-01T01:05:06.078000+0200');
    expect(formatTime(ms, { format: '%d.%m.%Y %H:%M%z 100%% %q', offset: -3 })).toBe('31.12.2026 20:05-0300 100% %q');
    expect(formatTime(ms, { format: '%s', offset: 5 })).toBe(String(Math.floor(ms / 1_000)));
  });
});
