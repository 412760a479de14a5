import { setTimeout as delay } from 'node:timers/promises';
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes';
import type { Fault } from '../kit/fault-types.ts';
import type { Faults } from '../kit/faults.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import { Gate } from '../kit/gate.ts';
import type { Journal, JournalEntry } from '../kit/journal.ts';
import type { TrueValue } from '../kit/series-log.ts';
import type { Device } from './device.ts';
import { MqttSession } from './mqtt-session.ts';
import { readPublication } from './mqtt-topics.ts';
import type { RpcCall, RpcDesk } from './rpc.ts';
import type { OpticloudState } from './state.ts';

export interface MqttServerOptions {
  host: string;
  port: number;
  state: OpticloudState;
  rpc: RpcDesk;
  faults: Faults;
  journal: Journal;
}

const BAD_USER_NAME = 4;
const NOT_AUTHORIZED = 5;
const SERVER_UNAVAILABLE = 3;
const REFUSED_SUBSCRIPTION = 128;

/**
 * The device side over MQTT. Nothing is routed between sessions: every topic means "me", so what a device publishes is
 * the platform's, and what it receives is sent to its own session.
 */
export class MqttServer {
  readonly #state: OpticloudState;
  readonly #rpc: RpcDesk;
  readonly #faults: Faults;
  readonly #journal: Journal;
  readonly #broker: Aedes;
  readonly #sessions = new Map<Client, MqttSession>();
  readonly gate: Gate;

  static async start(options: MqttServerOptions): Promise<MqttServer> {
    const broker = await Aedes.createBroker({ heartbeatInterval: 3_600_000, connectTimeout: 10_000 });
    const gate = await Gate.open({ ...options, accept: (socket) => void broker.handle(socket) });
    return new MqttServer(options, broker, gate);
  }

  private constructor(options: MqttServerOptions, broker: Aedes, gate: Gate) {
    this.#state = options.state;
    this.#rpc = options.rpc;
    this.#faults = options.faults;
    this.#journal = options.journal;
    this.#broker = broker;
    this.gate = gate;
    broker.authenticate = (client, username, _password, done) => void this.#authenticate(client, username, done);
    broker.authorizePublish = (client, packet, done) => void this.#receive(client, packet, done);
    broker.authorizeSubscribe = (client, subscription, done) => done(null, this.#subscribe(client, subscription));
    broker.authorizeForward = (_client, packet) => ('clientId' in packet && packet.clientId ? null : packet);
    broker.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.#sessions.get(client)?.unsubscribe(filter);
    });
    broker.on('clientDisconnect', (client) => this.#close(client));
    broker.on('clientError', (client) => this.#close(client));
    this.#state.onSharedAttributes((device, changed, deleted) => this.#pushAttributes(device, changed, deleted));
    this.#rpc.deliver = (call) => this.#deliver(call);
  }

  get sessions(): readonly MqttSession[] {
    return [...this.#sessions.values()];
  }

  /** Ends all sessions, or those of one client id or device, without a word. */
  cut(target?: string): void {
    for (const { client, device } of this.sessions) {
      if (target === undefined || target === client.id || target === device.id) destroy(client);
    }
  }

  async stop(): Promise<void> {
    await this.gate.close();
    await new Promise<void>((resolve) => this.#broker.close(resolve));
  }

  async #authenticate(
    client: Client,
    username: string | undefined,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): Promise<void> {
    const began = performance.now();
    const credential = username ? fingerprint(username) : undefined;
    const note = (status: number, faults: Fault[]) =>
      this.#note({ client, method: 'CONNECT', path: '', operation: 'OPTI-20', status, credential, faults, began });
    const faults = this.#faults.hit({
      protocol: 'mqtt',
      operation: 'OPTI-20',
      method: 'CONNECT',
      path: '',
      credential,
    });
    const device = username ? this.#state.deviceByToken(username) : undefined;
    const verdict = await this.#before(faults);
    const code = verdict !== 'pass' ? SERVER_UNAVAILABLE : !username ? BAD_USER_NAME : device ? 0 : NOT_AUTHORIZED;
    note(verdict === 'reset' ? -1 : code, faults);
    if (verdict === 'reset') return destroy(client);
    if (code !== 0 || !device) return done(Object.assign(new Error('refused'), { returnCode: code }), false);
    const session = new MqttSession(client, device, credential ?? '', (path) =>
      this.#note({ client, method: 'PUSH', path, status: 0, credential, faults: [] }),
    );
    this.#sessions.set(client, session);
    done(null, true);
  }

  /** QoS 1 is acknowledged after this has called back, which is after storing. */
  async #receive(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): Promise<void> {
    const session = client ? this.#sessions.get(client) : undefined;
    if (!client || !session) return done(client ? new Error('no session') : null);
    const began = performance.now();
    packet.retain = false;
    let operation: string | undefined;
    let faults: Fault[] = [];
    let refused: Error | null = null;
    try {
      // Quirk: the vendor knows QoS 0 and 1 only; a QoS 2 publication ends the session.
      if (packet.qos === 2) throw new Error('QoS 2 is not supported');
      const desk = { state: this.#state, rpc: this.#rpc };
      const publication = readPublication(desk, session, packet.topic, packet.payload.toString());
      operation = publication.operation;
      const { credential } = session;
      faults = this.#faults.hit({ protocol: 'mqtt', operation, method: 'PUBLISH', path: packet.topic, credential });
      if (faults.length > 0 && (await this.#before(faults)) !== 'pass') throw new Error('refused by a fault');
      publication.run();
      if (faults.some(isAfterwards)) throw new Error('cut after storing');
    } catch (error) {
      refused = error as Error;
    }
    const status = refused ? -1 : 0;
    this.#note({
      client,
      method: 'PUBLISH',
      path: packet.topic,
      operation,
      status,
      credential: session.credential,
      faults,
      began,
    });
    done(refused);
  }

  /** What faults do before the vendor looks at a packet. MQTT has no word for "no": a refused publication ends the session. */
  async #before(faults: readonly Fault[]): Promise<'pass' | 'refuse' | 'reset'> {
    for (const fault of faults) {
      if (fault.kind === 'latency') await delay(fault.ms + Math.random() * fault.jitterMs);
      else if (fault.kind === 'reset' && !isAfterwards(fault)) return 'reset';
      else if (fault.kind === 'rate-limit' || (fault.kind === 'status' && !isAfterwards(fault))) return 'refuse';
    }
    return 'pass';
  }

  #subscribe(client: Client, subscription: Subscription): Subscription | null {
    const session = this.#sessions.get(client);
    const granted = session?.subscribe(subscription.topic, subscription.qos);
    this.#note({
      client,
      method: 'SUBSCRIBE',
      path: subscription.topic,
      operation: subscription.topic.includes('/response/') ? 'OPTI-25' : 'OPTI-26',
      status: granted ?? REFUSED_SUBSCRIPTION,
      credential: session?.credential,
      faults: [],
    });
    if (!session || granted === undefined) return null;
    if (subscription.topic.includes('/rpc')) setImmediate(() => this.#offerCalls(session));
    return { ...subscription, qos: granted };
  }

  #offerCalls(session: MqttSession): void {
    this.#rpc.offerTo(session.device);
    for (const child of session.children.values()) this.#rpc.offerTo(child);
  }

  #pushAttributes(device: Device, changed: Record<string, TrueValue>, deleted: string[]): void {
    const data = deleted.length > 0 ? { deleted } : changed;
    for (const session of this.#sessions.values()) {
      if (session.device === device) session.push('v1/devices/me/attributes', data);
      else if (session.children.has(device.name) && session.children.get(device.name) === device) {
        session.push('v1/gateway/attributes', { device: device.name, data });
      }
    }
  }

  #deliver({ id, device, method, params }: RpcCall): boolean {
    return this.sessions.some((session) => {
      if (session.device === device) return session.push(`v1/devices/me/rpc/request/${id}`, { method, params });
      if (session.children.get(device.name) !== device) return false;
      return session.push('v1/gateway/rpc', { device: device.name, data: { id, method, params } });
    });
  }

  #close(client: Client): void {
    const session = this.#sessions.get(client);
    if (!session) return;
    this.#sessions.delete(client);
    this.#note({ client, method: 'CLOSE', path: '', status: 0, credential: session.credential, faults: [] });
  }

  #note(
    event: Pick<JournalEntry, 'method' | 'path' | 'status'> & {
      client: Client;
      operation?: string | undefined;
      credential: string | undefined;
      faults: readonly Fault[];
      began?: number;
    },
  ): void {
    const { client, method, path, status, operation, credential, faults } = event;
    this.#journal.add({
      at: this.#state.clock.now(),
      protocol: 'mqtt',
      method,
      path,
      status,
      durationMs: event.began === undefined ? 0 : performance.now() - event.began,
      session: client.id,
      ...(operation ? { operation } : {}),
      ...(credential ? { credential } : {}),
      ...(faults.length > 0 ? { faults: faults.map((fault) => fault.kind) } : {}),
    });
  }
}

const isAfterwards = (fault: Fault): boolean =>
  (fault.kind === 'reset' || fault.kind === 'status') && fault.when === 'after';

function destroy(client: Client): void {
  client.conn.destroy();
}
