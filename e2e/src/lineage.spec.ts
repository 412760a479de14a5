import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@tributary/client';
import { topologyNames } from '@tributary/messaging';
import { type OchnoSimulator, type Simulator, startOchno, startOpticloud } from '@tributary/simulators';
import { dropTopology, eventually } from '@tributary/testing';
import amqp from 'amqplib';
import { Stage } from './stage.ts';

type Lineage = Schemas['Lineage'];

interface StoredValue {
  series_id: number;
  ts: Date;
  native_id: string;
  value: unknown;
}

const MINUTE = 60_000;
const VALUES = 50;
/** The clocks of house and simulator are the machine's. */
const AROUND_MS = 2_000;
const STREAM_ARGUMENTS = { 'x-queue-type': 'stream', 'x-max-age': '3600s' };

const RANDOM_VALUES = `
  select p.series_id, p.ts, d.native_id, coalesce(to_jsonb(p.number), to_jsonb(p.boolean), to_jsonb(p.text), p.json) as value
  from point p join series s on s.id = p.series_id join device d on d.id = s.device_id
  where d.platform = $1 order by md5(p.series_id || ' ' || p.ts || $2) limit $3`;

const ms = (time: string | undefined): number => (time === undefined ? Number.NaN : Date.parse(time));

describe('the lineage of what a house has stored', () => {
  let polled: Simulator;
  let streamed: OchnoSimulator;
  let stage: Stage;
  let receiver: ReturnType<typeof createServer>;
  let collector: ReturnType<typeof createServer>;
  /** Names of spans by their trace. */
  const spans = new Map<string, Set<string>>();

  beforeAll(async () => {
    const ports = { port: 0, mqttPort: 0, controlPort: 0 };
    polled = await startOpticloud({ ...ports, devices: 8, otherDevices: 0 });
    const pace = { cadenceMs: 200, historyMs: 0, retentionMs: 0, portQos: 1 } as const;
    streamed = await startOchno({ ...ports, ...pace, devices: 12, otherDevices: 0 });
    receiver = await listening((_body) => undefined);
    collector = await listening((body) => {
      for (const { traceId, name } of spansIn(JSON.parse(body))) {
        spans.set(traceId, (spans.get(traceId) ?? new Set()).add(name));
      }
    });
    const apps = {
      'telemetry-ingest': 'telemetry-ingest',
      api: 'api',
      webhooks: 'webhooks',
      adapter: 'adapter-opticloud',
      streaming: 'adapter-ochno',
    };
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: urlOf(collector) };
    stage = await Stage.start({ simulator: polled, apps, env });
    await stage.api.post('/v1/subscriptions', {
      body: {
        url: urlOf(receiver),
        events: { types: ['telemetry'] },
        batch: { maxEvents: 50, maxWaitMs: 100 },
      },
    });
    await stage.connect({ settings: { schedules: { telemetry: '1s' } } });
    const { platform, name, settings, credentials } = streamed.demoConnection;
    const body = { platform, name, settings: settings as Schemas['Connection']['settings'], credentials };
    await stage.api.post('/v1/connections', { body });
    const counted = async (where: string) =>
      Number((await stage.query<{ n: string }>(`select count(*) as n from ${where}`))[0]?.n);
    await eventually(
      'both have brought something, and something was corrected',
      async () => {
        const ofPlatform =
          'point p join series s on s.id = p.series_id join device d on d.id = s.device_id where d.platform';
        const [one, other] = [await counted(`${ofPlatform} = 'opticloud'`), await counted(`${ofPlatform} = 'ochno'`)];
        return one > 2 * VALUES && other > 1_000 && (await counted('point_revision')) > 0;
      },
      { timeoutMs: 3 * MINUTE, everyMs: 500 },
    );
    for (const simulator of [polled, streamed]) simulator.production.pause();
    await stage.balanced();
  }, 5 * MINUTE);

  afterAll(async () => {
    await stage?.stop();
    await streamed?.stop();
    for (const server of [receiver, collector]) {
      server?.closeAllConnections();
      server?.close();
    }
    if (stage) await dropTopology(stage.backing.rabbitmqUrl, stage.namespace, ['ochno']);
  }, MINUTE);

  const ofValue = ({ series_id, ts }: Pick<StoredValue, 'series_id' | 'ts'>): Promise<Lineage> =>
    stage.api.get('/v1/series/{seriesId}/points/{ts}/lineage', {
      path: { seriesId: `ser_${series_id}`, ts: ts.toISOString() },
    });
  const valuesOf = (platform: string, count: number) =>
    stage.query<StoredValue>(RANDOM_VALUES, [platform, String(count), count]);

  /** What holds of every value that stands, wherever it came from. */
  function expectWhole(lineage: Lineage, { value, ts }: StoredValue): void {
    expect({ gone: lineage.gone, complete: lineage.complete }).toEqual({ gone: [], complete: true });
    const [point] = lineage.points;
    expect(point).toMatchObject({ ts: ts.toISOString(), value, rev: lineage.event?.rev });
    expect(['stored', 'corrected']).toContain(point?.state);
    expect(lineage.via?.adapter).toMatch(/^adapter-\w+ \d+\.\d+\.\d+ [\w-]{12}$/);
    expect(lineage.via?.mapping).toMatch(/^[\w-]{12}$/);
    const { received, sealed, committed } = lineage.times;
    expect(ms(received)).toBeLessThanOrEqual(ms(sealed));
    expect(ms(sealed)).toBeLessThanOrEqual(ms(committed) + AROUND_MS);
  }

  it(
    'names the requests that the platform answered, of a platform that is polled',
    async () => {
      const values = await valuesOf('opticloud', VALUES);
      expect(values).toHaveLength(VALUES);
      for (const value of values) {
        const lineage = await ofValue(value);
        expectWhole(lineage, value);
        const calls = lineage.via?.calls ?? [];
        expect(calls.length).toBeGreaterThan(0);
        for (const call of calls) {
          const path = new URL(call.address).pathname;
          const since = ms(call.at) - AROUND_MS;
          const asked = polled.journal.entries({ operation: call.operation, method: call.method, path, since });
          const same = asked.filter(({ at, status }) => status === 200 && at <= ms(call.at) + call.ms + AROUND_MS);
          expect({ call, found: same.length > 0 }).toEqual({ call, found: true });
        }
        // The last of them is what brought it, and it was asked for this very device.
        expect(calls.at(-1)?.address).toContain(value.native_id);
        expect(ms(lineage.times.requested)).toBeLessThanOrEqual(ms(lineage.times.received));
      }
    },
    3 * MINUTE,
  );

  it(
    'names the messages that the platform pushed, of a platform that streams',
    async () => {
      const subscribed = streamed.journal.entries({ method: 'SUBSCRIBE' }).map(({ path }) => path);
      const values = await valuesOf('ochno', VALUES);
      expect(values).toHaveLength(VALUES);
      let live = 0;
      for (const value of values) {
        const lineage = await ofValue(value);
        expectWhole(lineage, value);
        if (lineage.event?.origin !== 'live') continue;
        live += 1;
        const messages = lineage.via?.messages ?? [];
        expect(messages.length).toBeGreaterThan(0);
        for (const { topic, qos, bytes } of messages) {
          expect(topic).toContain(value.native_id);
          expect(subscribed.some((filter) => covers(filter, topic))).toBe(true);
          expect(qos).toBe(1);
          expect(bytes).toBeGreaterThan(0);
        }
        expect(Math.abs(ms(messages[0]?.at) - ms(lineage.times.received))).toBeLessThan(AROUND_MS);
      }
      expect(live).toBeGreaterThan(VALUES / 2);
    },
    3 * MINUTE,
  );

  it(
    'names what a correction replaced, and leads from there to the event that had brought it',
    async () => {
      const [replaced] = await stage.query<StoredValue & { rev: string }>(
        `select r.series_id, r.ts, r.rev::text, d.native_id, to_jsonb(r.number) as value from point_revision r
       join point p on p.series_id = r.series_id and p.ts = r.ts join series s on s.id = r.series_id join device d on d.id = s.device_id
       where r.rev < p.rev and r.number is not null limit 1`,
      );
      const found = replaced as StoredValue & { rev: string };
      const now = await ofValue(found);
      expect(now.points[0]).toMatchObject({ state: 'corrected' });
      expect(now.points[0]?.replaced).toContainEqual({ rev: found.rev, value: found.value });
      const then = await stage.api.get('/v1/series/{seriesId}/points/{ts}/lineage', {
        path: { seriesId: `ser_${found.series_id}`, ts: found.ts.toISOString() },
        query: { rev: found.rev },
      });
      expect(then).toMatchObject({ points: [{ state: 'superseded', value: found.value }], event: { rev: found.rev } });
      expect(then.eventId).not.toBe(now.eventId);
    },
    MINUTE,
  );

  it(
    'names the deliveries to subscribers',
    async () => {
      const [value] = await valuesOf('ochno', 1);
      const { eventId = '' } = await ofValue(value as StoredValue);
      const delivered = await eventually(
        'the delivery is told',
        async () => {
          const { deliveries } = await stage.api.get('/v1/events/{eventId}/lineage', { path: { eventId } });
          return deliveries.find(({ state }) => state === 'delivered');
        },
        { timeoutMs: MINUTE },
      );
      expect(delivered).toMatchObject({ attempts: 1, status: 204, durationMs: expect.any(Number) });
    },
    2 * MINUTE,
  );

  it(
    'says so when the log no longer keeps the event',
    async () => {
      const [value] = await valuesOf('ochno', 1);
      const before = await ofValue(value as StoredValue);
      const { eventLog, events } = topologyNames(stage.namespace);
      const broker = await amqp.connect(stage.backing.rabbitmqUrl);
      const channel = await broker.createChannel();
      await channel.deleteQueue(eventLog);
      await channel.assertQueue(eventLog, { durable: true, arguments: STREAM_ARGUMENTS });
      await channel.bindQueue(eventLog, events, '#');
      await broker.close();
      streamed.production.resume();
      const after = await eventually(
        'the event is gone',
        async () => {
          const lineage = await ofValue(value as StoredValue);
          return lineage.gone.some(({ what, reason }) => what === 'log' && reason.includes('begins after')) && lineage;
        },
        { timeoutMs: 2 * MINUTE, everyMs: 500 },
      );
      expect(after).toMatchObject({ complete: false, times: { committed: before.times.committed } });
      expect(after.points).toMatchObject([{ value: value?.value }]);
      // A delivery bears its id still.
      expect(after.eventId).toBe(before.eventId);
      const path = { eventId: before.eventId ?? '' };
      const ofEvent = await stage.api.get('/v1/events/{eventId}/lineage', { path });
      expect(ofEvent.gone.map(({ what }) => what)).toEqual(['log', 'series']);
      expect(ofEvent.deliveries.length).toBeGreaterThan(0);
    },
    4 * MINUTE,
  );
});

/** A server that hears what it is sent, and says nothing. */
async function listening(heard: (body: string) => void): Promise<ReturnType<typeof createServer>> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard(Buffer.concat(chunks).toString());
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const urlOf = (server: ReturnType<typeof createServer>): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

interface OtlpTraces {
  resourceSpans: { scopeSpans: { spans: { traceId: string; name: string }[] }[] }[];
}

const spansIn = ({ resourceSpans }: OtlpTraces) =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

/** Does a topic fit an MQTT filter? */
function covers(filter: string, topic: string): boolean {
  const [wanted, given] = [filter.split('/'), topic.split('/')];
  const open = wanted.at(-1) === '#';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  if (open ? given.length < fixed.length : given.length !== fixed.length) return false;
  return fixed.every((level, at) => level === '+' || level === given[at]);
}
