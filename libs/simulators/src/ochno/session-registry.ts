import type { ScenarioClock } from '../kit/scenario-clock.ts';
import type { MqttConnection } from './mqtt-connection.ts';
import { type Message, MqttSession, type Qos } from './mqtt-session.ts';

/** How long the session of a client that asked not to be forgotten is kept for it. */
const KEPT_MS = 3_600_000;
/** So many acknowledged messages are remembered. */
const ACKNOWLEDGED = 50_000;

interface Kept {
  session: MqttSession;
  untilMs: number;
}

/** Who is there, by client id; and what is kept of those who will come back. */
export class SessionRegistry {
  readonly #clock: ScenarioClock;
  readonly #maxInflight: number;
  readonly #connected = new Map<string, MqttConnection>();
  readonly #kept = new Map<string, Kept>();
  readonly #clean = new WeakSet<MqttSession>();
  #acknowledged: Message[] = [];

  constructor(clock: ScenarioClock, maxInflight: number) {
    this.#clock = clock;
    this.#maxInflight = maxInflight;
  }

  /** QoS 1 messages that clients have acknowledged, the last ones: theirs to keep from then on. */
  get acknowledged(): readonly Message[] {
    return this.#acknowledged;
  }

  get connected(): MqttSession[] {
    return [...this.#connected.values()].flatMap(({ session }) => session ?? []);
  }

  /** One session per client id: whoever has it goes. Returns whether what was kept of the client is resumed. */
  enter(connection: MqttConnection, clientId: string, clean: boolean): { session: MqttSession; resumed: boolean } {
    const { companyId } = connection.credential;
    const before = this.#takeBefore(clientId);
    const resumed = !clean && before?.companyId === companyId ? before : undefined;
    const session =
      resumed ?? new MqttSession(clientId, companyId, { maxInflight: this.#maxInflight, onAcknowledged: this.#note });
    if (clean) this.#clean.add(session);
    this.#connected.set(clientId, connection);
    return { session, resumed: resumed !== undefined };
  }

  leave(connection: MqttConnection, session: MqttSession): void {
    if (this.#connected.get(session.clientId) !== connection) return;
    this.#connected.delete(session.clientId);
    session.detach();
    if (this.#clean.has(session)) return;
    this.#kept.set(session.clientId, { session, untilMs: this.#clock.monotonicMs() + KEPT_MS });
  }

  /** Returns whether anybody gets it, now or, at QoS 1, later. */
  deliver(companyId: string, message: Message, qos: Qos): boolean {
    let heard = false;
    for (const { session } of this.#connected.values()) {
      if (session?.companyId === companyId && session.deliver(message, qos)) heard = true;
    }
    if (qos === 0) return heard;
    for (const { session } of this.#kept.values()) {
      if (session.companyId === companyId && session.deliver(message, qos)) heard = true;
    }
    return heard;
  }

  forgetOld(): void {
    const now = this.#clock.monotonicMs();
    for (const [clientId, { untilMs }] of this.#kept) if (now >= untilMs) this.#kept.delete(clientId);
  }

  readonly #note = (message: Message): void => {
    this.#acknowledged.push(message);
    if (this.#acknowledged.length >= 2 * ACKNOWLEDGED) this.#acknowledged = this.#acknowledged.slice(-ACKNOWLEDGED);
  };

  #takeBefore(clientId: string): MqttSession | undefined {
    const evicted = this.#connected.get(clientId);
    const session = evicted?.session;
    const kept = this.#kept.get(clientId)?.session;
    this.#connected.delete(clientId);
    this.#kept.delete(clientId);
    session?.detach();
    evicted?.close('evicted');
    return session && !this.#clean.has(session) ? session : kept;
  }
}
