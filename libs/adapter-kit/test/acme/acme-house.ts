import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AdapterPayload,
  type AdapterReply,
  type AdapterRequestName,
  deviceId,
  type TributaryEvent,
} from '@tributary/contracts';
import {
  CommandLedger,
  Commands,
  type Connection,
  type ConnectionChange,
  Connections,
  CredentialVault,
  type Database,
  migrate,
  openDatabase,
  vaultKeys,
} from '@tributary/database';
import { Broker, type Delivery, type EventPublisher, RequestClient } from '@tributary/messaging';
import { Metrics, newEventId, newId, silentLogger, systemClock } from '@tributary/runtime';
import { connect } from 'amqplib';
import { type AcmeVendor, startVendor } from './acme-vendor.ts';

const SERVER = 'postgres://root@127.0.0.1:5432';
const RABBITMQ_URL = 'amqp://guest:guest@127.0.0.1:5672';

export interface Replica {
  process: ChildProcess;
  lines: Record<string, unknown>[];
  port: number;
  kill(signal: NodeJS.Signals): void;
  ended: Promise<number | null>;
}

interface Services {
  namespace: string;
  databaseName: string;
  vendor: AcmeVendor;
  db: Database;
  broker: Broker;
  client: RequestClient;
}

/** A database, a namespace on the broker and a vendor of a test's own; adapters as real processes. */
export class AcmeHouse {
  readonly events: TributaryEvent[] = [];
  readonly namespace: string;
  readonly vendor: AcmeVendor;
  readonly db: Database;
  readonly #client: RequestClient;
  readonly #services: Services;
  readonly #broker: Broker;
  readonly #ledger: CommandLedger;
  readonly #publisher: EventPublisher;
  readonly #keys = `k1:${randomBytes(32).toString('base64')}`;
  readonly #replicas: Replica[] = [];

  private constructor(services: Services) {
    const { vendor, db, broker, client, namespace } = services;
    this.namespace = namespace;
    this.#services = services;
    this.vendor = vendor;
    this.db = db;
    this.#client = client;
    this.#broker = broker;
    this.#ledger = new CommandLedger(db, {
      clock: systemClock,
      commandQueue: (platform) => broker.names.adapterCommands(platform),
    });
    this.#publisher = broker.publisher();
    for (const queue of [broker.names.ingestTelemetry, broker.names.ingestProjections]) {
      broker.consume(queue, { prefetch: 500, name: queue }, (delivery) => this.#took(delivery));
    }
  }

  static async open(): Promise<AcmeHouse> {
    const namespace = `kit-${randomBytes(4).toString('hex')}`;
    const databaseName = `test_kit_${randomBytes(6).toString('hex')}`;
    const vendor = await startVendor();
    const url = `${SERVER}/${databaseName}`;
    await migrate({ url, log: silentLogger });
    const db = openDatabase({ url, log: silentLogger, applicationName: 'kit-test', poolSize: 4 });
    const common = { url: RABBITMQ_URL, namespace, log: silentLogger, metrics: new Metrics('test'), name: 'kit-test' };
    const broker = Broker.connect(common);
    broker.assertPlatformQueues('acme');
    await broker.ready();
    const client = new RequestClient(common);
    return new AcmeHouse({ namespace, databaseName, vendor, db, broker, client });
  }

  get #vault(): CredentialVault {
    return new CredentialVault(vaultKeys().parse(this.#keys));
  }

  ask<N extends AdapterRequestName>(
    name: N,
    payload: AdapterPayload<N>,
    onVendorCalls: (calls: number) => void = () => {},
  ): Promise<AdapterReply<N>> {
    return this.#client.request('acme', name, payload, { deadlineMs: Date.now() + 8_000, onVendorCalls });
  }

  async connect(account: string, key = 'good', settings: Record<string, boolean> = {}): Promise<Connection> {
    const id = newId('con');
    return new Connections(this.db).create({
      id,
      workspace: 'default',
      platform: 'acme',
      name: account,
      settings: { baseUrl: this.vendor.url, account, ...settings },
      ...this.sealed(id, key),
    });
  }

  change(id: string, change: ConnectionChange): Promise<unknown> {
    return new Connections(this.db).update('default', id, change, undefined);
  }

  remove(id: string): Promise<unknown> {
    return new Connections(this.db).remove('default', id, undefined);
  }

  sealed(connectionId: string, key: string): { sealed: string; fingerprint: string } {
    const owner = { workspace: 'default', connectionId };
    return { sealed: this.#vault.seal({ key }, owner), fingerprint: this.#vault.fingerprint({ key }, owner) };
  }

  seal(connectionId: string, plain: Record<string, string>): string {
    return this.#vault.seal(plain, { workspace: 'default', connectionId });
  }

  unseal(connectionId: string, sealed: string): Record<string, string> {
    return this.#vault.open(sealed, { workspace: 'default', connectionId });
  }

  /** What the api sends to have a connection tried before it is stored. */
  draft(account: string, key: string): AdapterPayload<'connection.test'> {
    const connectionId = newId('con');
    const { sealed } = this.sealed(connectionId, key);
    return { connectionId, draft: { workspace: 'default', settings: { baseUrl: this.vendor.url, account }, sealed } };
  }

  checkpoint(
    connectionId: string,
    name: string,
  ): Promise<{ rows: { value: Record<string, unknown>; epoch: string }[] }> {
    return this.db.pool.query('select value, epoch from checkpoint where connection_id = $1 and name = $2', [
      connectionId,
      name,
    ]);
  }

  async start(env: Record<string, string> = {}): Promise<Replica> {
    const main = new URL('./acme-main.ts', import.meta.url).pathname;
    const armed = env.TRIBUTARY_FAILPOINT === undefined ? [] : ['--conditions=failpoints'];
    const child = spawn(process.execPath, [...armed, '--experimental-strip-types', '--no-warnings', main], {
      env: {
        PATH: process.env.PATH ?? '',
        DATABASE_URL: `${SERVER}/${this.#services.databaseName}`,
        RABBITMQ_URL,
        TRIBUTARY_NAMESPACE: this.#services.namespace,
        TRIBUTARY_KEYS: this.#keys,
        LEASE_TTL: '3s',
        ALLOW_PRIVATE_ADDRESSES: 'true',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const replica: Replica = { process: child, lines: [], port: 0, kill: (signal) => void child.kill(signal), ended };
    this.#replicas.push(replica);
    const note = (line: string) => {
      try {
        replica.lines.push(JSON.parse(line) as Record<string, unknown>);
      } catch {
        replica.lines.push({ msg: line });
      }
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', note);
    const isReady = () => replica.lines.some((line) => line.msg === 'ready');
    // One that is doomed may be gone before.
    await until(
      'the replica is ready',
      () => isReady() || child.signalCode !== null,
      45_000,
      () => replica.lines.map((line) => JSON.stringify(line)).join('\n'),
    );
    replica.port = Number(replica.lines.find((line) => line.msg === 'ready')?.port);
    return replica;
  }

  /** Accepts a command, passes its order to the queue as the relay would, and waits for its end. Answers the state. */
  async order(
    connectionId: string,
    name: string,
    options: { device?: string; expiresInMs?: number } = {},
  ): Promise<string> {
    const id = await this.accept(connectionId, name, options);
    await this.deliver(id);
    await until(
      `the order ${name} ended`,
      async () => !['accepted', 'dispatched'].includes(await this.stateOf(id)),
      20_000,
    );
    return this.stateOf(id);
  }

  async accept(
    connectionId: string,
    name: string,
    options: { device?: string; expiresInMs?: number } = {},
  ): Promise<string> {
    const nativeId = options.device ?? 'a';
    const command = await this.#ledger.accept({
      workspace: 'default',
      platform: 'acme',
      connectionId,
      deviceId: deviceId(connectionId, nativeId),
      nativeId,
      name,
      params: {},
      expiresAt: new Date(Date.now() + (options.expiresInMs ?? 60_000)),
      caller: 'test',
    });
    return command.id;
  }

  /** Sends the order once more, whatever became of it. */
  async deliver(commandId: string): Promise<void> {
    const command = await new Commands(this.db).find(commandId);
    if (!command) throw new Error('no such command');
    const { id, workspace, connectionId, deviceId: device, nativeId, name, params, expiresAt } = command;
    const order = { workspace, connectionId, deviceId: device, nativeId, name, params };
    const body = { ...order, commandId: id, expiresAt: expiresAt.toISOString() };
    await this.#publisher.send(this.#broker.names.adapterCommands('acme'), body, { messageId: newEventId() });
  }

  async stateOf(commandId: string): Promise<string> {
    return (await new Commands(this.db).find(commandId))?.state ?? 'missing';
  }

  /** Owner of each connection now, by its id. */
  async owners(): Promise<Map<string, string>> {
    const { rows } = await this.db.pool.query<{ id: string; replica: string }>(
      'select connection_id as id, replica from connection_lease where leased_until > now() and replica is not null',
    );
    return new Map(rows.map(({ id, replica }) => [id, replica]));
  }

  /** A metric without labels of its own, as the replica serves it. */
  async metric(replica: Replica, name: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${replica.port}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text)?.[1]);
  }

  async leasedUntil(connectionId: string): Promise<number> {
    const { rows } = await this.db.pool.query<{ until: Date }>(
      'select leased_until as until from connection_lease where connection_id = $1',
      [connectionId],
    );
    return rows[0]?.until.getTime() ?? 0;
  }

  of(connectionId: string, name: string): TributaryEvent[] {
    return this.events.filter((event) => event.connectionid === connectionId && event.type.includes(name));
  }

  async close(): Promise<void> {
    for (const { process: child } of this.#replicas) child.kill('SIGKILL');
    await Promise.all(this.#replicas.map(({ ended }) => ended));
    await this.#client.close();
    await this.#removeTopology();
    await this.#broker.close();
    await this.db.close();
    await this.vendor.close();
    const admin = openDatabase({
      url: `${SERVER}/postgres`,
      log: silentLogger,
      applicationName: 'kit-test',
      poolSize: 2,
    });
    await admin.pool.query(`drop database if exists ${this.#services.databaseName} with (force)`);
    await admin.close();
  }

  #took(delivery: Delivery): void {
    this.events.push(JSON.parse(delivery.body.toString('utf8')) as TributaryEvent);
    delivery.ack();
  }

  async #removeTopology(): Promise<void> {
    const { names } = this.#broker;
    const queues = [names.unrouted, names.eventLog, names.ingestTelemetry, names.ingestProjections, names.ingestDead];
    await removeFromBroker(
      RABBITMQ_URL,
      [...queues, names.ingestReplays, names.adapterCommands('acme'), names.adapterRequests('acme')],
      [names.events, names.unrouted, names.dead],
    );
  }
}

async function removeFromBroker(url: string, queues: string[], exchanges: string[]): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const queue of queues) await channel.deleteQueue(queue);
  for (const exchange of exchanges) await channel.deleteExchange(exchange);
  await connection.close();
}

/** Waits for a condition; fails with its name after `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
  details: () => string = () => '',
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain until ${what}\n${details()}`);
    await delay(25);
  }
}
