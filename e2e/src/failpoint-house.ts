import { randomUUID } from 'node:crypto';
import type { Schemas } from '@tributary/client';
import type { FailpointName } from '@tributary/runtime/failpoints';
import { type OchnoSimulator, startOchno, startOpticloud } from '@tributary/simulators';
import { dropTopology, eventually, type ServiceProcess, unusedPort } from '@tributary/testing';
import amqp from 'amqplib';
import { startReceiver } from './event-receiver.ts';
import { type FailpointCase, serviceOf } from './failpoint-turns.ts';
import { Stage } from './stage.ts';

/** A value that the database is told to refuse, as only a database can. */
const REFUSED = -1_000_000;
const PATIENCE = { timeoutMs: 60_000, everyMs: 100 };
/** Longer than the key of a request is held for an api that died over it. */
const PATIENCE_OF_CALLERS = { timeoutMs: 180_000, everyMs: 500 };
const LOOKS_BEFORE_MORE = 15;
const LEASE_TTL = '3s';

const APPS: Record<string, string> = {
  'telemetry-ingest': 'telemetry-ingest',
  api: 'api',
  webhooks: 'webhooks',
  adapter: 'adapter-opticloud',
  streaming: 'adapter-ochno',
};

/**
 * A whole house that goes on working while its processes are ended, broken and stopped at their failpoints: one platform
 * that is polled and commanded, one that streams, a subscriber, and messages that have to be parked.
 */
export class FailpointHouse {
  readonly stage: Stage;
  readonly stream: OchnoSimulator;
  readonly #hangMs: number;
  readonly #receiver: Awaited<ReturnType<typeof startReceiver>>;
  readonly #orders: string[] = [];
  /** Callers that ask until they have an answer. */
  readonly #asking: Promise<unknown>[] = [];
  #device = '';
  #parked = 0;

  private constructor(parts: {
    stage: Stage;
    stream: OchnoSimulator;
    hangMs: number;
    receiver: Awaited<ReturnType<typeof startReceiver>>;
  }) {
    this.stage = parts.stage;
    this.stream = parts.stream;
    this.#hangMs = parts.hangMs;
    this.#receiver = parts.receiver;
  }

  static async start(hangMs: number): Promise<FailpointHouse> {
    const free = { port: 0, mqttPort: 0, controlPort: 0, otherDevices: 0, cadenceMs: 500 };
    const simulator = await startOpticloud({
      ...free,
      devices: 6,
      signalsPerDevice: 2,
      historyMs: 2_000,
      tokenLifeMs: 6_000,
      heartbeatMs: 1_000,
      fileEveryMs: 3_600_000,
    });
    const stream = await startOchno({ ...free, devices: 8, historyMs: 0, portQos: 1, recordUnheard: false });
    const receiver = await startReceiver();
    const stage = await Stage.start({
      simulator,
      apps: APPS,
      failpoints: true,
      env: { LEASE_TTL, INGEST_LANE: 'queued' },
      envOf: {
        api: { PORT: String(await unusedPort()) },
        webhooks: { WEBHOOKS_LEASE_TTL: '2s', WEBHOOKS_TIMEOUT: '2s', WEBHOOKS_RETRY_FIRST: '1s' },
      },
      settings: {
        schedules: { discover: '30s', telemetry: '1s', follow: '1s' },
        telemetry: { lookBack: '30s', firstLook: '1m' },
      },
    });
    const house = new FailpointHouse({ stage, stream, hangMs, receiver });
    await house.#begin();
    return house;
  }

  async #begin(): Promise<void> {
    const { stage, stream } = this;
    await stage.query(`alter table series_latest add constraint refused check (number is distinct from ${REFUSED})`);
    await stage.connect();
    const { platform, credentials } = stream.demoConnection;
    const settings = stream.demoConnection.settings as Schemas['Connection']['settings'];
    await stage.api.post('/v1/connections', { body: { platform, name: 'streaming', settings, credentials } });
    await stage.api.post('/v1/subscriptions', {
      body: { url: this.#receiver.url, since: new Date(0).toISOString(), events: { types: ['telemetry.observed'] } },
    });
    await stream.journal.until({ operation: 'OCHNO-09' }, 1, AbortSignal.timeout(60_000));
    // Of the one that takes orders: the other's may be known first.
    const ordered = async () =>
      (await stage.api.list('/v1/devices').all()).find(({ connectionId }) => connectionId === stage.connectionId);
    const device = await eventually('devices', ordered, PATIENCE);
    this.#device = device.id;
    await this.#converged();
  }

  /** Until each place was reached, each process is there again, and everything has come that was ever produced. */
  async pass(cases: readonly FailpointCase[]): Promise<void> {
    await Promise.all(cases.map((one) => this.#reach(one)));
    await this.#converged();
  }

  async #reach({ name, action, hit }: FailpointCase): Promise<void> {
    const service = serviceOf(name);
    const process = this.stage.house.get(service);
    await process.arm(`${name}:${action}:${hit}${action === 'hang' ? `:${this.#hangMs}ms` : ''}`);
    let looks = 0;
    await eventually(
      `${name} is reached`,
      async () => {
        if (process.hits(name) > 0) return true;
        // As often as it takes, and again only where that was not enough: what is provoked has to be dealt with, too.
        if (looks < hit || looks % LOOKS_BEFORE_MORE === 0) await this.#provoke(name);
        looks += 1;
        return process.hits(name) > 0;
      },
      // Some are passed every few seconds only.
      { timeoutMs: PATIENCE.timeoutMs + hit * 10_000, everyMs: 300 },
    );
    if (action === 'exit') await process.exited;
    else if (process.running) await process.arm('').catch(() => undefined);
    if (!process.running) await this.#startAgain(service);
  }

  /** What the house does not do by itself often enough. */
  async #provoke(name: FailpointName): Promise<void> {
    if (name === 'lease-lost') await this.#takeLease();
    else if (name === 'in-bisect' || name === 'after-park-before-ack') await this.#poison();
    else if (/^after-(claim-before|call-before|commit-before-notify)|^relay/.test(name))
      this.#asking.push(this.#order().catch((error: unknown) => error));
  }

  /** As another replica would, which then is gone. */
  async #takeLease(): Promise<void> {
    await this.stage.query(
      `update connection_lease set epoch = epoch + 1, replica = 'another', leased_until = now() + interval '1 s'
       where connection_id = $1 and replica is distinct from 'another'`,
      [this.stage.connectionId],
    );
  }

  /** The same order until it was taken, as a caller does who has no answer. */
  async #order(): Promise<void> {
    const { api } = this.stage;
    const body = { name: 'list-files', params: { from: '2026-01-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z' } };
    const idempotencyKey = randomUUID();
    const path = { deviceId: this.#device };
    const send = () => api.post('/v1/devices/{deviceId}/commands', { path, body, idempotencyKey });
    const { id } = await eventually('an order is taken', send, PATIENCE_OF_CALLERS);
    this.#orders.push(id);
  }

  /** One that is no event, and one whose value the database refuses, among good ones. */
  async #poison(): Promise<void> {
    const { items } = await this.stage.api.get('/v1/events', { query: { limit: 1, types: ['telemetry.observed'] } });
    const [known] = items.map(({ event }) => event as { id: string; data: { points: object[]; run?: object } });
    if (!known) return;
    const { run: _run, ...data } = known.data;
    const point = { ...data.points[0], signal: 'refused', value: REFUSED };
    const refused = { ...known, id: randomUUID(), data: { ...data, points: [point] } };
    const good = { ...known, id: randomUUID(), data };
    const bodies = [`{"id":"${randomUUID()}"`, ...[good, refused, good].map((event) => JSON.stringify(event))];
    this.#parked += 2;
    await this.#publish(bodies);
  }

  async #publish(bodies: readonly string[]): Promise<void> {
    const connection = await amqp.connect(this.stage.backing.rabbitmqUrl);
    const channel = await connection.createConfirmChannel();
    const key = `default.telemetry.observed.opticloud.${this.stage.connectionId}.x`;
    const options = { persistent: true };
    for (const body of bodies) channel.publish(`${this.stage.namespace}.events`, key, Buffer.from(body), options);
    await channel.waitForConfirms();
    await connection.close();
  }

  async #startAgain(service: string): Promise<ServiceProcess> {
    const process = this.stage.house.spawnApp(APPS[service] ?? service, {}, service);
    await process.ready();
    return process;
  }

  /** All that was produced, and all that was acknowledged to the stream, until now is stored; nothing else, nothing twice. */
  async #converged(): Promise<void> {
    const untilMs = this.stage.simulator.clock.now();
    await eventually(
      'everything is stored',
      async () => {
        const { missing, wrong } = await this.stage.difference(untilMs);
        const lost = [...missing, ...wrong, ...(await this.#lostOfStream())];
        if (lost.length > 0) throw new Error(`${lost.length} points, such as ${lost.slice(0, 3).join('  ')}`);
        return true;
      },
      { ...PATIENCE, everyMs: 400 },
    );
  }

  /** Messages that were acknowledged to the streaming platform and of which nothing is stored. */
  async #lostOfStream(): Promise<string[]> {
    const messages = this.stream.broker.acknowledged.map(({ topic, payload }) => {
      const { t } = JSON.parse(payload.toString()) as { t: number };
      return `${topic.split('/').at(-1)}|${t}`;
    });
    const stored = await this.stage.query<{ key: string }>(
      `select distinct d.native_id || '|' || round(extract(epoch from p.ts) * 1000)::bigint as key
       from point p join series s on s.id = p.series_id join device d on d.id = s.device_id
       join connection c on c.id = d.connection_id where c.platform = 'ochno'`,
    );
    const keys = new Set(stored.map(({ key }) => key));
    return messages.filter((key) => !keys.has(key));
  }

  /** Everything stops but the house; then all that is ever to come has come, and the books agree. */
  async settled(): Promise<{
    invented: string[];
    twins: number;
    unplanned: number;
    missing: number;
    states: string[];
  }> {
    this.stream.production.pause();
    const { stage } = this;
    const { invented } = await stage.settled(120_000);
    await this.#converged();
    const { missing } = await stage.balanced(120_000);
    const twins = await stage.query('select 1 from point group by series_id, ts having count(*) > 1');
    const failed = (await Promise.all(this.#asking)).find((answer) => answer !== undefined);
    if (failed !== undefined) throw failed;
    await this.#parkedAll();
    const ofStream = new Set([...this.stream.truth.points()].map(({ device }) => device));
    await this.#deliveredAll();
    return {
      invented: invented.filter((key) => !ofStream.has(key.split('|')[0] ?? '') && !key.includes('|refused|')),
      twins: twins.length,
      unplanned: (await this.#parkedMessages()) - this.#parked,
      missing,
      states: await this.#ends(),
    };
  }

  /** Without items that an adapter set aside. */
  async #parkedMessages(): Promise<number> {
    return (await this.stage.query("select 1 from parked_message where kind = 'message'")).length;
  }

  async #parkedAll(): Promise<void> {
    await eventually(
      'what cannot be stored is parked',
      async () => (await this.#parkedMessages()) >= this.#parked,
      PATIENCE,
    );
  }

  /** Every event of the log came to the subscriber. */
  async #deliveredAll(): Promise<void> {
    const logged: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const types = ['telemetry.observed'] as const;
      const query = { limit: 1_000, types, ...(cursor ? { cursor } : {}) };
      const page = await this.stage.api.get('/v1/events', { query });
      logged.push(...page.items.map(({ event }) => (event as { id: string }).id));
      if (page.items.length < 1_000) break;
      cursor = page.page.nextCursor;
    }
    await eventually(
      'everything was delivered',
      () => {
        const absent = logged.filter((id) => !this.#receiver.ids.has(id)).length;
        if (absent > 0) throw new Error(`${absent} of ${logged.length} events are absent`);
        return true;
      },
      { ...PATIENCE, timeoutMs: 120_000 },
    );
  }

  /** How the orders ended; what nobody knows ends as unknown, a minute after its claim at the latest. */
  #ends(): Promise<string[]> {
    return eventually(
      'every order has an end',
      async () => {
        const rows = await this.stage.query<{ state: string }>('select state from command where id = any($1)', [
          this.#orders,
        ]);
        const states = [...new Set(rows.map(({ state }) => state))].toSorted();
        const open = states.filter((state) => ['accepted', 'dispatched'].includes(state));
        if (open.length > 0) throw new Error(`some are ${open.join(' and ')}`);
        return states;
      },
      { ...PATIENCE, timeoutMs: 120_000 },
    );
  }

  async stop(): Promise<void> {
    await this.stage.stop();
    await this.stream.stop();
    await dropTopology(this.stage.backing.rabbitmqUrl, this.stage.namespace, ['ochno']);
    this.#receiver.close();
  }
}
