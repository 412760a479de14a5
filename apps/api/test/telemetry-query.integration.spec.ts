import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QUERY_LIMITS } from '@tributary/contracts';
import { eventually } from '@tributary/testing';
import { expectProblem } from './world/expect-problem.ts';
import { commitPoints } from './world/points.ts';
import { caller, makeWorld, type Seeded, seed, type World } from './world/world.ts';

const HOUR = 3_600_000;
let world: World;
let ids: Seeded;
let ask: ReturnType<typeof caller>;
let series: Record<'flow' | 'level' | 'mode', string>;

const at = (text: string) => Date.parse(`2026-${text}:00Z`);

beforeAll(async () => {
  world = await makeWorld();
  ids = await seed(world, 'default');
  ask = caller(world, await world.key('default', ['read']));
  const points = [
    ['flow', at('03-27T22:30'), 4, 'L/h'],
    ['flow', at('03-28T23:30'), 10, 'L/h'],
    ['flow', at('03-29T01:30'), 20, 'L/h'],
    ['flow', at('03-30T12:00'), 30, 'L/h'],
    ['level', at('03-28T10:00'), 7],
    ['level', at('03-30T22:00'), 9],
    ['mode', at('03-29T10:00'), 'auto'],
    ['mode', at('03-29T11:00'), 'off'],
    ['huge', at('03-29T10:00'), 1.5e308],
    ['huge', at('03-29T11:00'), 1.5e308],
  ] as const;
  await commitPoints(world, ids, { rev: '5', points });
  await commitPoints(world, ids, { rev: '6', points: [['level', at('03-28T10:00'), 8]] });
  series = { flow: await seriesOf('flow'), level: await seriesOf('level'), mode: await seriesOf('mode') };
});
afterAll(async () => {
  await world.close();
});

async function seriesOf(signal: string): Promise<string> {
  const filter = encodeURIComponent(`signal eq "${signal}"`);
  return (await ask('GET', `/v1/devices/${ids.deviceId}/series?filter=${filter}`)).json().items[0].id;
}

/** Three days of Stockholm in the middle of which the clock goes forward. */
const days = {
  from: '2026-03-28T00:00:00+01:00',
  to: '2026-03-31T00:00:00+02:00',
  every: 'P1D',
  timeZone: 'Europe/Stockholm',
};
const query = (body: object, headers: Record<string, string> = {}) =>
  ask('POST', '/v1/telemetry:query', { ...days, ...body }, headers);

describe('a query of many series', () => {
  it('answers by columns: every series has a value for every bucket, in the order asked for', async () => {
    const answer = await query({
      series: [series.mode, series.flow],
      selectors: [{ device: ids.deviceId, signals: ['level', 'flow'] }],
      fn: ['count', 'avg', 'last', 'count'],
    });
    expect(answer.statusCode).toBe(200);
    const body = answer.json();
    expect(body).toMatchObject({
      from: '2026-03-27T23:00:00.000Z',
      to: '2026-03-30T22:00:00.000Z',
      timeZone: 'Europe/Stockholm',
      every: 'P1D',
      fill: 'null',
    });
    expect(body.buckets.map((b: Bucket) => (Date.parse(b.to) - Date.parse(b.from)) / HOUR)).toEqual([24, 23, 24]);
    expect(body.series.map(({ signal, values }: Column) => [signal, values])).toEqual([
      ['mode', { count: [0, 2, 0], avg: [null, null, null], last: [null, 'off', null] }],
      ['flow', { count: [0, 2, 1], avg: [null, 15, 30], last: [null, 20, 30] }],
      ['level', { count: [1, 0, 0], avg: [8, null, null], last: [8, null, null] }],
    ]);
  });

  it('says what each series is and how fresh, whatever the range', async () => {
    const [flow] = (await query({ series: [series.flow] })).json().series as Column[];
    expect(flow).toMatchObject({ deviceId: ids.deviceId, unit: 'L/h', lastTs: '2026-03-30T12:00:00.000Z' });
    const { observedAt = '', ageMs = -1 } = flow ?? {};
    expect(Math.abs(Date.now() - ageMs - Date.parse(observedAt))).toBeLessThan(60_000);
  });

  it('says how the connections are that it draws on, and answers 503 where all are required and one is not well', async () => {
    const whole = { series: [series.flow], require: 'all' };
    expect((await query({ series: [series.flow] })).json().meta).toMatchObject({
      complete: false,
      sources: [{ connectionId: ids.connectionId, status: 'stale' }],
    });
    expect((await query(whole)).json()).toMatchObject({ status: 503, code: 'sources-incomplete' });
    await world.db.pool.query(
      `insert into connection_status (connection_id, status, rev, since, updated_at) values ($1, 'connected', 1, now(), now())`,
      [ids.connectionId],
    );
    await world.db.pool.query(
      `insert into connection_lease (connection_id, replica, epoch, leased_until) values ($1, 'r', 1, now() + interval '1 hour')`,
      [ids.connectionId],
    );
    const answer = await eventually('the connection is known to be well', async () => {
      const given = await query(whole);
      return given.statusCode === 200 ? given : undefined;
    });
    expect(answer.json().meta).toMatchObject({ complete: true, sources: [{ status: 'ok' }] });
  });

  it('selects all series of a device and of a connection where no signal is named', async () => {
    for (const selector of [{ device: ids.deviceId }, { connection: ids.connectionId }]) {
      const found = (await query({ selectors: [selector], fn: ['count'] })).json().series as Column[];
      expect(found.map(({ signal }) => signal)).toEqual(['flow', 'huge', 'level', 'mode', 'power']);
    }
  });

  it.each([
    ['null', [null, null, null], [null, 15, 30]],
    ['0', [0, 0, 0], [0, 15, 30]],
    ['previous', [8, 8, 8], [4, 15, 30]],
    // Through what lies before and after the range.
    ['linear', [8.125, 8.408_333, 8.8], [8.56, 15, 30]],
  ])('fills what is empty: %s', async (fill, level, flow) => {
    const range = { from: '2026-03-28T12:00:00Z', to: '2026-03-30T22:00:00Z' };
    const body = (await query({ ...range, series: [series.level, series.flow], fill })).json();
    expect(body.fill).toBe(fill);
    const [levels, flows] = body.series.map(({ values }: Column) => values.avg);
    expect(levels).toEqual(level.map((value) => (value === null ? null : expect.closeTo(value, 5))));
    expect(flows).toEqual(flow.map((value) => (value === null ? null : expect.closeTo(value, 5))));
  });

  it('leaves out the buckets in which nothing is, where `none` is to fill them', async () => {
    const body = (await query({ series: [series.flow, series.mode], every: 'PT1H', fill: 'none' })).json();
    expect(body.buckets.map(({ from }: Bucket) => from)).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T10:00:00.000Z',
      '2026-03-29T11:00:00.000Z',
      '2026-03-30T12:00:00.000Z',
    ]);
  });

  it('gives amounts that add up, with corrections, and none to what is no number', async () => {
    const body = (await query({ series: [series.level, series.flow, series.mode], fn: ['delta', 'increase'] })).json();
    expect(body.series.map(({ values }: Column) => values)).toEqual([
      { delta: [0, 0, 1], increase: [0, 0, 1] },
      { delta: [0, 16, 10], increase: [0, 16, 10] },
      { delta: [null, null, null], increase: [null, null, null] },
    ]);
    const whole = (await query({ series: [series.level, series.flow], fn: ['delta'], every: 'P1Y' })).json();
    expect(whole.series.map(({ values }: Column) => values.delta)).toEqual([[1], [26]]);
  });

  it('comes as lines and as a table too, with the same values', async () => {
    const body = { series: [series.flow, series.mode], fn: ['avg', 'last'] };
    const lines = await query(body, { accept: 'application/x-ndjson' });
    expect(lines.headers['content-type']).toMatch(/^application\/x-ndjson/);
    const rows = lines.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows[1]).toEqual({
      from: '2026-03-28T23:00:00.000Z',
      to: '2026-03-29T22:00:00.000Z',
      values: { [series.flow]: { avg: 15, last: 20 }, [series.mode]: { avg: null, last: 'off' } },
    });
    const { flow, mode } = series;
    expect((await query(body, { accept: 'text/csv' })).body.split('\r\n')).toEqual([
      `from,to,${flow}.avg,${flow}.last,${mode}.avg,${mode}.last`,
      '2026-03-27T23:00:00.000Z,2026-03-28T23:00:00.000Z,,,,',
      '2026-03-28T23:00:00.000Z,2026-03-29T22:00:00.000Z,15,20,,off',
      '2026-03-29T22:00:00.000Z,2026-03-30T22:00:00.000Z,30,30,,',
      '',
    ]);
    expectProblem(await query(body, { accept: 'image/png' }), 'another media type');
  });
});

describe('a query that cannot be answered', () => {
  const faults = async (body: object, headers: Record<string, string> = {}) => {
    const answer = await query(body, headers);
    expectProblem(answer, JSON.stringify(body).slice(0, 200));
    const { status, errors = [] } = answer.json();
    return [status, (errors as { pointer: string }[]).map(({ pointer }) => pointer).toSorted()];
  };

  it('names every fault of its form at once', async () => {
    const wrong = {
      from: '2026-03-31T00:00:00Z',
      to: '2026-03-30T00:00:00Z',
      every: 'P1DT1H',
      timeZone: '+01:00',
      fn: ['median'],
      fill: 'average',
      extra: 1,
      series: ['dev_1'],
      selectors: [{ device: ids.deviceId, connection: ids.connectionId }, { signals: [''] }],
    };
    expect(await faults(wrong)).toEqual([
      400,
      [
        '/body/every',
        '/body/extra',
        '/body/fill',
        '/body/fn/0',
        '/body/from',
        '/body/selectors/0',
        '/body/selectors/1',
        '/body/selectors/1/signals/0',
        '/body/series/0',
        '/body/timeZone',
      ],
    ]);
    expect(await faults({ from: 'yesterday' })).toEqual([400, ['/body', '/body/from']]);
    expect(await faults({ series: [], from: '1700-01-01T00:00:00Z' })).toEqual([400, ['/body/from', '/body/series']]);
  });

  it('names everything that is not there, and leaves nothing out silently', async () => {
    const nobody = 'z'.repeat(26);
    const wrong = {
      series: [series.flow, 'ser_2000000000', 'ser_9999999999'],
      selectors: [
        { device: ids.deviceId, signals: ['flow', 'nothing'] },
        { device: `dev_${nobody}`, signals: ['flow'] },
        { connection: `con_${nobody}` },
        { connection: ids.connectionId, signals: ['nothing'] },
        { device: ids.childId },
      ],
    };
    expect(await faults(wrong)).toEqual([
      404,
      [
        '/body/selectors/0/signals/1',
        '/body/selectors/1/device',
        '/body/selectors/2/connection',
        '/body/selectors/3/signals/0',
        '/body/selectors/4',
        '/body/series/1',
        '/body/series/2',
      ],
    ]);
  });

  it('says how much was asked for and how much may be, by the form of the answer', async () => {
    const wide = { series: [series.flow, series.mode], every: 'PT1M', from: '2026-01-01T00:00:00Z' };
    const answer = await query(wide);
    const minutes = (Date.parse(days.to) - Date.parse(wide.from)) / 60_000;
    expect(answer.json().errors).toEqual([
      { pointer: '/body/every', detail: expect.stringContaining(`${2 * minutes} together`) },
    ]);
    expect(answer.json().errors[0].detail).toContain(String(QUERY_LIMITS.cells));
    expect(await faults({ ...wide, every: 'PT1S' }, { accept: 'application/x-ndjson' })).toEqual([
      400,
      ['/body/every'],
    ]);
  });

  it('may not match more series than an answer has', async () => {
    await world.db.pool.query(
      `insert into series (device_id, signal) select $1, 'many.' || i from generate_series(1, ${QUERY_LIMITS.series}) i`,
      [ids.childId],
    );
    expect(await faults({ selectors: [{ connection: ids.connectionId }] })).toEqual([400, ['/body/selectors/0']]);
    expect(await faults({ selectors: [{ device: ids.childId }], series: [series.flow] })).toEqual([400, ['/body']]);
    expect((await query({ selectors: [{ device: ids.childId }] })).json().series).toHaveLength(QUERY_LIMITS.series);
    await world.db.pool.query('delete from series where device_id = $1', [ids.childId]);
  });

  it('is a problem, not a number, where numbers have no sum', async () => {
    expect(await faults({ series: [await seriesOf('huge')], fn: ['sum'] })).toEqual([422, []]);
  });

  it('is told so where there is too much to be read in the time given', async () => {
    const blocker = await world.db.pool.connect();
    try {
      await blocker.query('begin');
      await blocker.query('lock table point in access exclusive mode');
      const answer = query({ series: [series.flow] }, { accept: 'application/x-ndjson' });
      // What the limit of time does, without waiting for it.
      await eventually('the statement was ended', async () => {
        const { rows } = await world.db.pool.query(
          `select pg_cancel_backend(pid) from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock' and query like '%width_bucket%'`,
        );
        return rows.length > 0;
      });
      const { status, code, retryable } = (await answer).json();
      expect({ status, code, retryable }).toEqual({ status: 422, code: 'unprocessable', retryable: false });
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
  });
});

interface Bucket {
  from: string;
  to: string;
}

interface Column {
  signal: string;
  values: Record<string, unknown[]>;
  observedAt?: string;
  ageMs?: number;
}
