import { setTimeout as delay } from 'node:timers/promises';
import type { IConnectPacket, IPublishPacket, ISubscribePacket, IUnsubscribePacket } from 'mqtt-packet';
import type { WebSocket } from 'ws';
import type { Fault } from '../kit/fault-types.ts';
import type { Faults } from '../kit/faults.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import type { Journal, JournalEntry } from '../kit/journal.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { IotCredential } from './iot-credentials.ts';
import { MqttConnection, type PacketHandler } from './mqtt-connection.ts';
import { type Message, MqttSession, messageOf, type Qos, REFUSED } from './mqtt-session.ts';
import type { OchnoOptions } from './options.ts';
import {
  isWellFormedFilter,
  isWellFormedTopic,
  MOST_CLIENT_ID_BYTES,
  MOST_FILTERS,
  MOST_PAYLOAD_BYTES,
  mayPublish,
  maySubscribe,
  type PortPlace,
  readActionTopic,
} from './topics.ts';

const SWEEP_MS = 1_000;
const SESSION_KEPT_MS = 3_600_000;

/** Does what an action asks for, and says in a word for the journal what came of it. */
export type ActionHandler = (place: PortPlace, payload: Buffer) => string;

export interface BrokerParts {
  options: Pick<OchnoOptions, 'dropOnExpiry' | 'sessionLimitMs' | 'maxInflight'>;
  clock: ScenarioClock;
  faults: Faults;
  journal: Journal;
  onAction: ActionHandler;
}

interface KeptSession {
  session: MqttSession;
  untilMs: number;
}

/** The broker of the real-time streams, as strict as the cloud service that hosts them. */
export class MqttBroker implements PacketHandler {
  readonly #parts: BrokerParts;
  readonly #connections = new Set<MqttConnection>();
  readonly #byClient = new Map<string, MqttConnection>();
  /** Sessions of clients that asked not to be forgotten. */
  readonly #kept = new Map<string, KeptSession>();
  readonly #clean = new WeakSet<MqttSession>();
  dropOnExpiry: boolean;
  sessionLimitMs: number;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    this.dropOnExpiry = parts.options.dropOnExpiry;
    this.sessionLimitMs = parts.options.sessionLimitMs;
  }

  start(): void {
    this.#parts.clock.every(SWEEP_MS, () => this.#sweep());
  }

  get sessions(): MqttSession[] {
    return [...this.#byClient.values()].flatMap(({ session }) => session ?? []);
  }

  accept(socket: WebSocket, credential: IotCredential): void {
    this.#connections.add(new MqttConnection(socket, credential, this.#parts.clock, this));
  }

  /** Returns whether anybody gets it. */
  send(companyId: string, message: Message, qos: Qos): boolean {
    let heard = false;
    for (const { session } of this.#byClient.values()) {
      if (session?.companyId === companyId && session.deliver(message, qos)) heard = true;
    }
    for (const { session } of this.#kept.values()) {
      if (session.companyId === companyId && qos === 1 && session.deliver(message, qos)) heard = true;
    }
    return heard;
  }

  /** Sends to every session of a company whatever it has subscribed to, as a broken cloud would. */
  stray(companyId: string, topic: string, payload: string): number {
    const hit = this.sessions.filter((session) => session.companyId === companyId);
    for (const session of hit) session.push(messageOf(topic, payload), 0);
    return hit.length;
  }

  /** Ends all connections, or those of one client id or company. Returns how many. */
  cut(target?: string, reason = 'cut'): number {
    const hit = [...this.#connections].filter(
      ({ session, credential }) =>
        target === undefined || target === session?.clientId || target === credential.companyId,
    );
    for (const connection of hit) connection.close(reason);
    return hit.length;
  }

  async connect(connection: MqttConnection, packet: IConnectPacket): Promise<string | undefined> {
    const began = performance.now();
    const { clientId } = packet;
    const note = (status: number, faults: Fault[] = [], detail = '') =>
      this.note(connection, {
        method: 'CONNECT',
        path: '',
        operation: 'OCHNO-08',
        status,
        faults,
        began,
        detail,
        clientId,
      });
    const refuse = (returnCode: number, detail: string) => {
      connection.answer({ cmd: 'connack', returnCode, sessionPresent: false });
      note(returnCode, [], detail);
      return detail;
    };
    if (packet.protocolId !== 'MQTT' || packet.protocolVersion !== 4) return refuse(1, 'not MQTT 3.1.1');
    if (clientId === '' || Buffer.byteLength(clientId) > MOST_CLIENT_ID_BYTES) return refuse(2, 'client id');
    const { faults, verdict } = await this.#ask(connection, 'OCHNO-08', 'CONNECT', '');
    if (verdict !== 'pass') {
      if (verdict === 'refuse') connection.answer({ cmd: 'connack', returnCode: 3, sessionPresent: false });
      note(verdict === 'refuse' ? 3 : -1, faults);
      return 'a fault';
    }
    this.#byClient.get(clientId)?.close('evicted');
    const before = this.#takeKept(clientId, connection.credential.companyId, packet.clean ?? true);
    const session =
      before ?? new MqttSession(clientId, connection.credential.companyId, this.#parts.options.maxInflight);
    if (packet.clean ?? true) this.#clean.add(session);
    connection.session = session;
    connection.setKeepAlive(packet.keepalive ?? 0);
    this.#byClient.set(clientId, connection);
    connection.answer({ cmd: 'connack', returnCode: 0, sessionPresent: before !== undefined });
    note(0, faults);
    session.attach(connection);
    return undefined;
  }

  async publish(connection: MqttConnection, packet: IPublishPacket): Promise<string | undefined> {
    const began = performance.now();
    const { topic, qos } = packet;
    const place = readActionTopic(topic);
    const operation = place && 'OCHNO-11';
    const note = (status: number, detail: string, faults: Fault[] = []) =>
      this.note(connection, { method: 'PUBLISH', path: topic, operation, status, faults, began, detail });
    const refuse = (problem: string, faults: Fault[] = []) => {
      note(-1, problem, faults);
      return problem;
    };
    if (qos === 2) return refuse('QoS 2');
    if (!isWellFormedTopic(topic)) return refuse('topic');
    if (packet.payload.length > MOST_PAYLOAD_BYTES) return refuse('too large');
    if (!mayPublish(connection.credential.companyId, topic)) return refuse('not permitted');
    const { faults, verdict } = await this.#ask(connection, operation, 'PUBLISH', topic);
    if (verdict !== 'pass') return refuse('a fault', faults);
    const outcome = place ? this.#parts.onAction(place, Buffer.from(packet.payload)) : 'no action topic';
    if (faults.some(isAfterwards)) return refuse(`${outcome}, then a fault`, faults);
    if (qos === 1 && packet.messageId !== undefined) connection.answer({ cmd: 'puback', messageId: packet.messageId });
    note(0, outcome, faults);
    return undefined;
  }

  async subscribe(connection: MqttConnection, packet: ISubscribePacket): Promise<string | undefined> {
    const filters = packet.subscriptions.map(({ topic }) => topic);
    const problem =
      filters.length > MOST_FILTERS ? 'too many filters' : filters.every(isWellFormedFilter) ? undefined : 'filter';
    if (problem) {
      this.#noteFilter(connection, { path: filters.join(' '), status: -1, faults: [], detail: problem });
      return problem;
    }
    const granted: number[] = [];
    for (const { topic, qos } of packet.subscriptions) {
      const { faults, verdict } = await this.#ask(connection, 'OCHNO-09', 'SUBSCRIBE', topic);
      if (verdict === 'reset') return 'a fault';
      const permitted = verdict === 'pass' && maySubscribe(connection.credential.companyId, topic);
      const status = permitted ? (connection.session?.subscribe(topic, qos) ?? REFUSED) : REFUSED;
      this.#noteFilter(connection, { path: topic, status, faults, detail: '' });
      granted.push(status);
    }
    connection.answer({ cmd: 'suback', granted, ...withId(packet) });
    return undefined;
  }

  unsubscribe(connection: MqttConnection, packet: IUnsubscribePacket): void {
    for (const filter of packet.unsubscriptions) {
      connection.session?.unsubscribe(filter);
      this.note(connection, { method: 'UNSUBSCRIBE', path: filter, operation: 'OCHNO-09', status: 0 });
    }
    connection.answer({ cmd: 'unsuback', granted: [], ...withId(packet) });
  }

  closed(connection: MqttConnection, reason: string): void {
    this.#connections.delete(connection);
    const { session } = connection;
    if (!session) return;
    this.note(connection, { method: 'CLOSE', path: '', status: 0, detail: reason });
    if (this.#byClient.get(session.clientId) !== connection) return;
    this.#byClient.delete(session.clientId);
    session.detach();
    if (!this.#clean.has(session)) {
      this.#kept.set(session.clientId, { session, untilMs: this.#parts.clock.monotonicMs() + SESSION_KEPT_MS });
    }
  }

  note(
    connection: MqttConnection,
    event: Pick<JournalEntry, 'method' | 'path' | 'status'> & {
      operation?: string | undefined;
      faults?: readonly Fault[];
      began?: number;
      detail?: string;
      clientId?: string;
    },
  ): void {
    const { method, path, status, operation, faults = [], began, detail } = event;
    const session = event.clientId ?? connection.session?.clientId;
    this.#parts.journal.add({
      at: this.#parts.clock.now(),
      protocol: 'mqtt',
      method,
      path,
      status,
      durationMs: began === undefined ? 0 : performance.now() - began,
      credential: fingerprint(connection.credential.accessKeyId),
      ...(session === undefined ? {} : { session }),
      ...(operation ? { operation } : {}),
      ...(faults.length > 0 ? { faults: faults.map((fault) => fault.kind) } : {}),
      ...(detail ? { detail } : {}),
    });
  }

  #noteFilter(
    connection: MqttConnection,
    event: { path: string; status: number; faults: Fault[]; detail: string },
  ): void {
    this.note(connection, { ...event, method: 'SUBSCRIBE', operation: 'OCHNO-09' });
  }

  async #ask(connection: MqttConnection, operation: string | undefined, method: string, path: string) {
    const credential = fingerprint(connection.credential.accessKeyId);
    const faults = this.#parts.faults.hit({ protocol: 'mqtt', operation, method, path, credential });
    return { faults, verdict: faults.length > 0 ? await verdictOf(faults) : ('pass' as const) };
  }

  /** The session a client left behind; a clean one is forgotten, and so is what was kept for another company. */
  #takeKept(clientId: string, companyId: string, clean: boolean): MqttSession | undefined {
    const evicted = this.#byClient.get(clientId)?.session;
    if (evicted) {
      evicted.detach();
      this.#byClient.delete(clientId);
    }
    const kept = evicted && !this.#clean.has(evicted) ? evicted : this.#kept.get(clientId)?.session;
    this.#kept.delete(clientId);
    return clean || kept?.companyId !== companyId ? undefined : kept;
  }

  #sweep(): void {
    const { clock } = this.#parts;
    for (const connection of this.#connections) {
      const expired = this.dropOnExpiry && clock.now() >= connection.credential.expiresAt;
      if (expired) connection.close('credentials expired');
      else if (clock.monotonicMs() - connection.openedMs >= this.sessionLimitMs) connection.close('session limit');
      else if (connection.isSilent) connection.close('silent');
    }
    for (const [clientId, { untilMs }] of this.#kept) {
      if (clock.monotonicMs() >= untilMs) this.#kept.delete(clientId);
    }
  }
}

/** MQTT 3.1.1 can say no to CONNECT and SUBSCRIBE; any other refusal ends the connection. */
async function verdictOf(faults: readonly Fault[]): Promise<'pass' | 'refuse' | 'reset'> {
  for (const fault of faults) {
    if (fault.kind === 'latency') await delay(fault.ms + Math.random() * fault.jitterMs);
    else if (fault.kind === 'reset' && !isAfterwards(fault)) return 'reset';
    else if (fault.kind === 'rate-limit' || (fault.kind === 'status' && !isAfterwards(fault))) return 'refuse';
  }
  return 'pass';
}

const isAfterwards = (fault: Fault): boolean =>
  (fault.kind === 'reset' || fault.kind === 'status') && fault.when === 'after';

const withId = ({ messageId }: { messageId?: number }) => (messageId === undefined ? {} : { messageId });
