import type { IConnectPacket, IPublishPacket, ISubscribePacket, IUnsubscribePacket } from 'mqtt-packet';
import type { WebSocket } from 'ws';
import type { Fault } from '../kit/fault-types.ts';
import type { Faults } from '../kit/faults.ts';
import { fingerprint } from '../kit/fingerprint.ts';
import type { Journal, JournalEntry } from '../kit/journal.ts';
import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { IotCredential } from './iot-credentials.ts';
import { MqttConnection, type PacketHandler } from './mqtt-connection.ts';
import { isAfterwards, verdictOf } from './mqtt-faults.ts';
import { type Message, type MqttSession, messageOf, type Qos, REFUSED } from './mqtt-session.ts';
import type { OchnoOptions } from './options.ts';
import { SessionRegistry } from './session-registry.ts';
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

const BAD_PROTOCOL = 1;
const BAD_CLIENT_ID = 2;
const UNAVAILABLE = 3;

/** Does what an action asks for, and says in a word for the journal what came of it. */
export type ActionHandler = (place: PortPlace, payload: Buffer) => string;

export interface BrokerParts {
  options: Pick<OchnoOptions, 'dropOnExpiry' | 'sessionLimitMs' | 'maxInflight'>;
  clock: ScenarioClock;
  faults: Faults;
  journal: Journal;
  onAction: ActionHandler;
}

/** What a packet was and what came of it. */
interface Event {
  method: string;
  path?: string;
  operation?: string | undefined;
  status: number;
  faults?: readonly Fault[];
  began?: number;
  detail?: string | undefined;
  session?: string | undefined;
}

/** The broker of the real-time streams, as strict as the cloud service that hosts them. */
export class MqttBroker implements PacketHandler {
  readonly #parts: BrokerParts;
  readonly #connections = new Set<MqttConnection>();
  readonly #registry: SessionRegistry;
  dropOnExpiry: boolean;
  sessionLimitMs: number;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
    this.#registry = new SessionRegistry(parts.clock, parts.options.maxInflight);
    this.dropOnExpiry = parts.options.dropOnExpiry;
    this.sessionLimitMs = parts.options.sessionLimitMs;
  }

  /** What clients have acknowledged at QoS 1, the last some ten thousand messages. */
  get acknowledged(): readonly Pick<Message, 'topic' | 'payload'>[] {
    return this.#registry.acknowledged;
  }

  start(): void {
    this.#parts.clock.every(SWEEP_MS, () => this.#sweep());
  }

  get sessions(): MqttSession[] {
    return this.#registry.connected;
  }

  accept(socket: WebSocket, credential: IotCredential): void {
    this.#connections.add(new MqttConnection(socket, credential, this.#parts.clock, this));
  }

  /** Returns whether anybody gets it. */
  send(companyId: string, message: Message, qos: Qos): boolean {
    return this.#registry.deliver(companyId, message, qos);
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
    const about = { method: 'CONNECT', operation: 'OCHNO-08', session: packet.clientId, began: performance.now() };
    const refuse = (status: number, detail: string, faults: Fault[] = []) => {
      if (status > 0) connection.answer({ cmd: 'connack', returnCode: status, sessionPresent: false });
      this.#note(connection, { ...about, status, detail, faults });
      return detail;
    };
    const { clientId, clean = true, keepalive = 0 } = packet;
    if (packet.protocolId !== 'MQTT' || packet.protocolVersion !== 4) return refuse(BAD_PROTOCOL, 'not MQTT 3.1.1');
    const idBytes = Buffer.byteLength(clientId);
    if (idBytes === 0 || idBytes > MOST_CLIENT_ID_BYTES) return refuse(BAD_CLIENT_ID, 'client id');
    const { faults, verdict } = await this.#ask(connection, 'OCHNO-08', 'CONNECT', '');
    if (verdict !== 'pass') return refuse(verdict === 'refuse' ? UNAVAILABLE : -1, 'a fault', faults);
    const { session, resumed } = this.#registry.enter(connection, clientId, clean);
    connection.session = session;
    connection.setKeepAlive(keepalive);
    connection.answer({ cmd: 'connack', returnCode: 0, sessionPresent: resumed });
    this.#note(connection, { ...about, status: 0, faults, detail: resumed ? 'resumed' : undefined });
    session.attach(connection);
    return undefined;
  }

  async publish(connection: MqttConnection, packet: IPublishPacket): Promise<string | undefined> {
    const { topic, qos, messageId } = packet;
    const place = readActionTopic(topic);
    const operation = place && 'OCHNO-11';
    const about = { method: 'PUBLISH', path: topic, operation, began: performance.now() };
    const refuse = (detail: string, faults: Fault[] = []) => {
      this.#note(connection, { ...about, status: -1, detail, faults });
      return detail;
    };
    const problem = publishProblem(connection.credential.companyId, packet);
    if (problem) return refuse(problem);
    const { faults, verdict } = await this.#ask(connection, operation, 'PUBLISH', topic);
    if (verdict !== 'pass') return refuse('a fault', faults);
    const detail = place ? this.#parts.onAction(place, Buffer.from(packet.payload)) : 'no action topic';
    if (faults.some(isAfterwards)) return refuse(`${detail}, then a fault`, faults);
    if (qos === 1 && messageId !== undefined) connection.answer({ cmd: 'puback', messageId });
    this.#note(connection, { ...about, status: 0, detail, faults });
    return undefined;
  }

  async subscribe(connection: MqttConnection, packet: ISubscribePacket): Promise<string | undefined> {
    const about = { method: 'SUBSCRIBE', operation: 'OCHNO-09' };
    const filters = packet.subscriptions.map(({ topic }) => topic);
    const problem =
      filters.length > MOST_FILTERS ? 'too many filters' : filters.every(isWellFormedFilter) ? '' : 'filter';
    if (problem) {
      this.#note(connection, { ...about, path: filters.join(' '), status: -1, detail: problem });
      return problem;
    }
    const granted: number[] = [];
    for (const { topic, qos } of packet.subscriptions) {
      const { faults, verdict } = await this.#ask(connection, 'OCHNO-09', 'SUBSCRIBE', topic);
      const permitted = verdict === 'pass' && maySubscribe(connection.credential.companyId, topic);
      const answer = permitted ? (connection.session?.subscribe(topic, qos) ?? REFUSED) : REFUSED;
      this.#note(connection, { ...about, path: topic, status: verdict === 'reset' ? -1 : answer, faults });
      if (verdict === 'reset') return 'a fault';
      granted.push(answer);
    }
    connection.answer({ cmd: 'suback', granted, ...withId(packet) });
    return undefined;
  }

  unsubscribe(connection: MqttConnection, packet: IUnsubscribePacket): void {
    for (const path of packet.unsubscriptions) {
      connection.session?.unsubscribe(path);
      this.#note(connection, { method: 'UNSUBSCRIBE', path, operation: 'OCHNO-09', status: 0 });
    }
    connection.answer({ cmd: 'unsuback', granted: [], ...withId(packet) });
  }

  closed(connection: MqttConnection, reason: string): void {
    this.#connections.delete(connection);
    const { session } = connection;
    if (!session) return;
    this.#note(connection, { method: 'CLOSE', status: 0, detail: reason });
    this.#registry.leave(connection, session);
  }

  #note(connection: MqttConnection, { began, faults = [], path = '', ...event }: Event): void {
    const { clock, journal } = this.#parts;
    const { operation, session = connection.session?.clientId, detail, ...rest } = event;
    const entry: Omit<JournalEntry, 'seq'> = {
      at: clock.now(),
      protocol: 'mqtt',
      path,
      ...rest,
      durationMs: began === undefined ? 0 : performance.now() - began,
      credential: fingerprint(connection.credential.accessKeyId),
    };
    if (operation) entry.operation = operation;
    if (session !== undefined) entry.session = session;
    if (detail) entry.detail = detail;
    if (faults.length > 0) entry.faults = faults.map(({ kind }) => kind);
    journal.add(entry);
  }

  async #ask(connection: MqttConnection, operation: string | undefined, method: string, path: string) {
    const credential = fingerprint(connection.credential.accessKeyId);
    const faults = this.#parts.faults.hit({ protocol: 'mqtt', operation, method, path, credential });
    return { faults, verdict: faults.length > 0 ? await verdictOf(faults) : ('pass' as const) };
  }

  #sweep(): void {
    const { clock } = this.#parts;
    for (const connection of this.#connections) {
      const expired = this.dropOnExpiry && clock.now() >= connection.credential.expiresAt;
      if (expired) connection.close('credentials expired');
      else if (clock.monotonicMs() - connection.openedMs >= this.sessionLimitMs) connection.close('session limit');
      else if (connection.isSilent) connection.close('silent');
    }
    this.#registry.forgetOld();
  }
}

/** MQTT 3.1.1 has no word for no: whoever publishes what is not permitted is thrown out. */
function publishProblem(companyId: string, { topic, qos, payload }: IPublishPacket): string | undefined {
  if (qos === 2) return 'QoS 2';
  if (!isWellFormedTopic(topic)) return 'topic';
  if (payload.length > MOST_PAYLOAD_BYTES) return 'too large';
  return mayPublish(companyId, topic) ? undefined : 'not permitted';
}

const withId = ({ messageId }: { messageId?: number }) => (messageId === undefined ? {} : { messageId });
