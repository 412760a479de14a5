import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deviceId, INGEST, type ParkVerdict, type SetAsideItem } from '@tributary/contracts';
import { CredentialVault, discardParked, inTransaction, parseRanges, sizeOf, vaultKeys } from '@tributary/database';
import { RequestClient, type RequestServer, serveRequests } from '@tributary/messaging';
import { Metrics, newEventId, newId, silentLogger, systemClock } from '@tributary/runtime';
import { eventually } from '@tributary/testing';
import { AdapterRun } from './adapter-run.ts';
import { IngestRig, KEYS, RABBITMQ, START_MS, untilEqual } from './ingest-rig.ts';

type Telemetry = ReturnType<IngestRig['series']>;

const SECRET = 'correct-horse-battery';
const GOOD = 9_000;
/** Of seven kinds each. Finding what the database refuses takes many transactions: of the eighth there are fewer. */
const BAD_OF_A_KIND = 140;
const REFUSED = 20;
const DEVICES = 20;

describe('dead letters', () => {
  let rig: IngestRig;
  let asking: RequestClient;
  const servers: RequestServer[] = [];
  beforeEach(async () => {
    rig = await IngestRig.make();
    const options = { url: RABBITMQ, namespace: rig.namespace, name: 'test', log: silentLogger };
    asking = new RequestClient({ ...options, metrics: new Metrics('test') });
  }, 60_000);
  afterEach(async () => {
    await asking.close();
    for (const server of servers.splice(0)) await server.close();
    await rig.remove();
  }, 60_000);

  const start = () =>
    rig.start({ PARKING_LIMIT_PER_MINUTE: '1000000', PARKING_LIMIT_PERCENT: '100', PARKED_JOBS_PER_SECOND: '2000' });
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const rows = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await rig.db.pool.query<T>(sql, values)).rows;
  const preview = async (ids: string[]): Promise<Map<string, ParkVerdict>> => {
    const deadlineMs = Date.now() + 60_000;
    const { verdicts } = await asking.request(INGEST, 'parked.preview', { ids }, { deadlineMs });
    return new Map(verdicts.map(({ id, verdict }) => [id, verdict]));
  };
  /** As the api makes one. */
  const startJob = async (kind: 'replay' | 'rehearsal' | 'discard', where: string): Promise<string> => {
    const id = newId('pjb');
    const { rowCount } = await rig.db.pool.query(
      `update parked_message set job_id = $1 where state = 'parked' and ${where}`,
      [id],
    );
    await rig.db.pool.query(
      `insert into parked_job (id, workspace_id, kind, selection, reason, actor, state, total)
       values ($1, 'default', $2, '{}', 'a gateway that is gone', 'key_test', 'running', $3)`,
      [id, kind, rowCount],
    );
    await rig.publisher.send(rig.names.ingestReplays, { jobId: id }, { messageId: newEventId() });
    return id;
  };
  const finished = async (id: string) => {
    await untilEqual(
      'the job has ended',
      () => rig.count(`parked_job where id = $1 and state = 'completed'`, [id]),
      1,
      60_000,
    );
    const [job] = await rows<Record<string, number>>(
      'select total, replayed, still_parked, discarded, skipped, points from parked_job where id = $1',
      [id],
    );
    return job;
  };

  /** Eight ways in which a message does not fit; by what becomes of it. */
  const kinds: Record<string, (event: Telemetry, n: number) => Buffer> = {
    json: (event) => json(event).subarray(0, -3),
    'schema /specversion': (event) => json({ ...event, specversion: '2.0' }),
    'schema /time': (event) => json({ ...event, time: 'yesterday' }),
    'schema /value': (event) => json(withPoint(event, { value: null })),
    encoding: (event) => Buffer.concat([json(event), Buffer.from([0xff, 0xfe])]),
    mismatch: (event, n) => json(withData(event, { deviceId: deviceId(rig.connectionId, `other ${n}`) })),
    'out-of-time': (event) => json(withPoint(event, { ts: new Date(Date.now() + 3 * 86_400_000).toISOString() })),
    'refused-by-database': (event) => json(withPoint(event, { value: 7_777 })),
  };

  it('of 10 000 messages 1 000 do not fit: just these are parked, in a group for each fault; mended, the account closes', async () => {
    const ingest = await start();
    await rig.db.pool.query('alter table series_latest add constraint spoiled check (number <> 7777)');
    const run = new AdapterRun(rig);
    const event = (n: number) => run.number(rig.series(`n${n % DEVICES}`, 1, Math.floor(n / DEVICES)));
    const bodies: Buffer[] = Array.from({ length: GOOD }, (_, n) => json(event(n)));
    const makers = Object.values(kinds);
    const every = Math.floor(GOOD / BAD_OF_A_KIND);
    for (let n = 0; n < BAD_OF_A_KIND; n++) {
      const some = n < REFUSED ? makers : makers.slice(0, -1);
      // Times of their own: what is refused must not collide with what is stored.
      const bad = some.map((make, kind) => make(event(GOOD + (n * makers.length + kind) * DEVICES + (n % DEVICES)), n));
      bodies.splice(n * every, 0, ...bad);
    }
    await run.end();
    const key = `default.telemetry.observed.acme.${rig.connectionId}.x`;
    await rig.publishRaw(
      '',
      bodies.map((body) => ({ body, routingKey: key })),
    );

    await untilEqual('stored', rig.points, GOOD, 120_000);
    await untilEqual('parked', () => rig.count('parked_message'), 1_000, 120_000);
    await untilEqual('in flight', () => ingest.metric('ingest_in_flight_points'), 0, 60_000);
    const groups = await rows<{ reason: string; n: number }>(
      'select min(reason) as reason, count(*)::int as n from parked_message group by fingerprint order by 1',
    );
    expect(groups.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual([REFUSED, ...Array(7).fill(BAD_OF_A_KIND)]);
    expect(groups.map(({ reason }) => reason)).toEqual(
      Object.keys(kinds)
        .map((kind) => kind.split(' ')[0])
        .toSorted(),
    );
    const before = await run.settled();
    // Of three kinds nobody can read whose points they bring: these are known to be missing.
    const unreadable = 3 * BAD_OF_A_KIND;
    expect(before).toMatchObject({ stored: GOOD, parked: 1_000 - unreadable, missing: unreadable });

    await rig.db.pool.query('alter table series_latest drop constraint spoiled');
    const refused = await rows<{ id: string }>(`select id from parked_message where reason = 'refused-by-database'`);
    const ids = refused.map(({ id }) => id);
    const foreseen = await preview(ids);
    expect(await rig.points()).toBe(GOOD);
    const rehearsal = await finished(await startJob('rehearsal', `reason = 'refused-by-database'`));
    expect(rehearsal).toMatchObject({ total: REFUSED, replayed: REFUSED, still_parked: 0 });
    expect(await rig.points()).toBe(GOOD);

    const replay = await finished(await startJob('replay', `reason in ('refused-by-database', 'schema')`));
    expect(replay).toMatchObject({ replayed: REFUSED, still_parked: 3 * BAD_OF_A_KIND, skipped: 0 });
    expect(await rig.points()).toBe(GOOD + REFUSED);
    const verdicts = await rows<{ id: string; verdict: ParkVerdict; replays: number }>(
      `select id, verdict, replays from parked_message where id = any($1)`,
      [ids],
    );
    for (const { id, verdict, replays } of verdicts) {
      expect({ id, verdict, replays }).toEqual({ id, verdict: foreseen.get(id), replays: 1 });
    }
    // Newer values of a device stand where older ones were replayed after them.
    const [latest] = await rows<{ wrong: number }>(
      `select count(*)::int as wrong from series_latest l
       where l.ts <> (select max(p.ts) from point p where p.series_id = l.series_id)`,
    );
    expect(latest).toEqual({ wrong: 0 });

    const rest = await finished(await startJob('discard', 'true'));
    expect(rest).toMatchObject({ discarded: 1_000 - REFUSED });
    const after = await run.settled();
    expect(after).toMatchObject({
      stored: GOOD + REFUSED,
      parked: 0,
      discarded: 1_000 - unreadable - REFUSED,
      missing: unreadable,
    });
    expect(sizeOf(parseRanges(after.holes))).toBe(unreadable);
  }, 240_000);

  it('show no secret, and are replayed as they came', async () => {
    await start();
    const vault = new CredentialVault(vaultKeys().parse(KEYS));
    const owner = { workspace: 'default', connectionId: rig.connectionId };
    await rig.db.pool.query('update connection set credentials = $1 where id = $2', [
      vault.seal({ username: 'anna', password: SECRET }, owner),
      rig.connectionId,
    ]);
    await rig.db.pool.query('alter table series_latest add constraint spoiled check (text is null)');
    const note = `sent by anna with ${SECRET} and Bearer abcdefghijklmnop`;
    await rig.publish(rig.telemetry('n1', [{ signal: 'note', ts: new Date(START_MS).toISOString(), value: note }]));
    await untilEqual('parked', () => rig.count('parked_message'), 1);
    const everything = JSON.stringify(
      await rows('select *, convert_from(payload, $1) as text from parked_message', ['UTF8']),
    );
    expect(everything).toContain('sent by anna with ***');
    for (const secret of [SECRET, 'abcdefghijklmnop', Buffer.from(SECRET).toString('base64')]) {
      expect(everything).not.toContain(secret);
    }
    await rig.db.pool.query('alter table series_latest drop constraint spoiled');
    const job = await finished(await startJob('replay', 'true'));
    expect(job).toMatchObject({ replayed: 1 });
    expect(await rows('select text from point')).toEqual([{ text: note }]);
  }, 120_000);

  describe('that an adapter set aside', () => {
    const item = (n: number, more: Partial<SetAsideItem> = {}): SetAsideItem => ({
      workspace: 'default',
      platform: 'acme',
      connectionId: rig.connectionId,
      nativeId: 'n1',
      what: 'reading',
      reason: 'unreadable-item',
      problems: [{ path: '/when', problem: 'invalid_type' }],
      shown: `{"reading":${n}}`,
      sealed: `sealed ${n}`,
      digest: createHash('sha256').update(String(n)).digest('hex'),
      asideAt: new Date().toISOString(),
      ...more,
    });
    /** An adapter whose mapping can be mended. */
    const adapter = async (reads: () => boolean) => {
      const server = await serveRequests({
        url: RABBITMQ,
        namespace: rig.namespace,
        name: 'adapter-acme',
        platform: 'acme',
        handlers: {
          'items.preview': async ({ sealed }) => {
            if (!reads()) return { batches: [], problems: [{ path: '/when', problem: 'is no time' }] };
            const ts = new Date(START_MS + Number(sealed.split(' ')[1]) * 1_000).toISOString();
            return { batches: [{ nativeId: 'n1', points: [{ signal: 'power', ts, value: 1 }] }], problems: [] };
          },
        },
        log: silentLogger,
        metrics: new Metrics('adapter'),
        clock: systemClock,
      });
      servers.push(server);
    };
    const send = (given: SetAsideItem) => rig.publisher.send(rig.names.ingestItems, given, { messageId: newEventId() });

    it('are parked once, replayed under a mended mapping, published, and the account is even', async () => {
      const ingest = await start();
      let mended = false;
      await adapter(() => mended);
      for (const n of [1, 2, 3, 3, 2, 1]) await send(item(n));
      await untilEqual('parked', () => rig.count(`parked_message where times = 2 and kind = 'item'`), 3);
      const ids = (await rows<{ id: string }>('select id from parked_message order by id')).map(({ id }) => id);
      expect([...(await preview(ids)).values()].map(({ fits }) => fits)).toEqual(['not', 'not', 'not']);
      expect(await finished(await startJob('replay', 'true'))).toMatchObject({ replayed: 0, still_parked: 3 });
      mended = true;
      const foreseen = await preview(ids);
      expect(await rig.points()).toBe(0);
      expect(await finished(await startJob('replay', 'true'))).toMatchObject({ replayed: 3, points: { stored: 3 } });
      const verdicts = await rows<{ id: string; verdict: ParkVerdict }>('select id, verdict from parked_message');
      for (const { id, verdict } of verdicts) expect(verdict).toEqual(foreseen.get(id));
      // The bus has them too, and they are what is stored already.
      await untilEqual('arrived again', () => rig.count(`conservation_minute where redelivered = 1`), 3, 60_000);
      await untilEqual('in flight', () => ingest.metric('ingest_in_flight_points'), 0);
      expect(await rig.points()).toBe(3);
      const account = await rows<object>(
        `select received::int, stored::int, numbered::int, parked_points::int from conservation_minute`,
      );
      expect(account).toEqual(
        Array.from({ length: 3 }, () => ({ received: 1, stored: 1, numbered: 1, parked_points: 0 })),
      );
    }, 120_000);

    it('stay given up, however often a poll reads them, and their intake is not shut by them', async () => {
      const ingest = await rig.start({ PARKING_LIMIT_PER_MINUTE: '2' });
      for (let n = 0; n < 10; n++) await send(item(n));
      await untilEqual('parked', () => rig.count('parked_message'), 10);
      expect(ingest.health.readiness().checks.parking?.ready).toBe(true);
      const ids = (await rows<{ id: string }>('select id from parked_message')).map(({ id }) => id);
      await inTransaction(rig.db.pool, (client) => discardParked(client, { ids, reason: 'a test', actor: 'key_test' }));
      await send(item(1));
      await untilEqual('seen again', () => rig.count(`parked_message where times = 2 and state = 'discarded'`), 1);
      expect(await rig.count(`parked_message where state = 'parked'`)).toBe(0);
    }, 120_000);

    it('and an adapter that does not answer changes nothing', async () => {
      await start();
      await send(item(1, { sealed: undefined }));
      await untilEqual('parked', () => rig.count('parked_message'), 1);
      const [{ id = '' } = {}] = await rows<{ id: string }>('select id from parked_message');
      expect((await preview([id])).get(id)).toMatchObject({ fits: 'not', reason: 'unreadable-item' });
      await eventually('it says why', async () => (await preview([id])).get(id)?.problems[0]?.problem !== '');
    }, 120_000);
  });
});

const withData = (event: Telemetry, more: object) => ({ ...event, data: { ...event.data, ...more } });
const withPoint = (event: Telemetry, more: object) =>
  withData(event, { points: [{ ...event.data.points[0], ...more }] });
