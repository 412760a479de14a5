import { randomUUID } from 'node:crypto';
import {
  type Call,
  type ConnectionKit,
  type MqttMessage,
  type MqttSession,
  type NativeId,
  parseExactJson,
} from '@tributary/adapter-kit';
import {
  isPlatformError,
  type Json,
  MalformedResponseError,
  TimeoutError,
  UnavailableError,
} from '@tributary/contracts';
import type { DeviceTokens } from './device-tokens.ts';
import { type AttributeAnswer, attributeAnswer, type SharedUpdate, sharedUpdate } from './wire.ts';

const TELEMETRY = 'v1/devices/me/telemetry';
const ATTRIBUTES = 'v1/devices/me/attributes';
const ANSWERS = `${ATTRIBUTES}/response/`;
const REQUESTS = `${ATTRIBUTES}/request/`;
/** Publications under way at once: more than a round trip's worth, less than what any broker holds unacknowledged. */
const IN_FLIGHT = 16;
const ANSWER_WITHIN_MS = 10_000;

export interface DeviceSessionOptions {
  kit: Pick<ConnectionKit, 'mqtt' | 'clock'>;
  tokens: DeviceTokens;
  mqttUrl: string;
}

/** Acting as a device, over MQTT and with the device's own token. A session sees this one device and nothing else. */
export class DeviceSession {
  private constructor(
    private readonly session: MqttSession,
    private readonly clock: DeviceSessionOptions['kit']['clock'],
  ) {}

  /** Opens a session, hands it to `work`, and closes it whatever happens. */
  static async use<T>(
    options: DeviceSessionOptions,
    device: NativeId,
    call: Call,
    work: (session: DeviceSession) => Promise<T>,
  ): Promise<T> {
    const session = await DeviceSession.open(options, device, call);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  /** OPTI-20. Throws `AuthenticationError` when the token is refused; the next attempt reads it anew. */
  static async open(
    { kit, tokens, mqttUrl }: DeviceSessionOptions,
    device: NativeId,
    call: Call,
  ): Promise<DeviceSession> {
    const token = await tokens.of(device, call);
    const clientId = `tributary-${randomUUID()}`;
    try {
      const session = await kit.mqtt({ url: mqttUrl, clientId, username: token.reveal(), signal: call.signal });
      return new DeviceSession(session, kit.clock);
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'authentication') throw error;
      tokens.drop(device);
      // The user's log-in is as good as before: this must not make the connection unauthorized.
      throw new UnavailableError('optiCLOUD refused the device token over MQTT', { cause: error });
    }
  }

  /** OPTI-21, OPTI-23: resolves when the platform has acknowledged every payload. */
  async publishTelemetry(payloads: readonly Record<string, Json>[], signal: AbortSignal): Promise<void> {
    for (let at = 0; at < payloads.length; at += IN_FLIGHT) {
      const some = payloads.slice(at, at + IN_FLIGHT);
      await Promise.all(some.map((payload) => this.#publish(TELEMETRY, payload, signal)));
    }
  }

  /** OPTI-24. */
  async publishAttributes(values: Record<string, Json>, signal: AbortSignal): Promise<void> {
    await this.#publish(ATTRIBUTES, values, signal);
  }

  /** OPTI-25: subscribe first, then ask, in one session. Throws `TimeoutError` when no answer comes in ten seconds. */
  async requestAttributes(
    names: { client: readonly string[]; shared: readonly string[] },
    signal: AbortSignal,
  ): Promise<AttributeAnswer> {
    await this.session.subscribe(`${ANSWERS}+`, 1, signal);
    const late = new AbortController();
    const cancel = this.clock.after(ANSWER_WITHIN_MS, () =>
      late.abort(new TimeoutError('OPTI-25: no answer to an attribute request')),
    );
    const both = AbortSignal.any([signal, late.signal]);
    try {
      const answer = this.#answerTo('1', both);
      const question = {
        ...(names.client.length > 0 ? { clientKeys: names.client.join(',') } : {}),
        ...(names.shared.length > 0 ? { sharedKeys: names.shared.join(',') } : {}),
      };
      const [found] = await Promise.all([answer, this.#publish(`${REQUESTS}1`, question, both)]);
      return found;
    } catch (error) {
      throw late.signal.aborted && !signal.aborted ? late.signal.reason : error;
    } finally {
      cancel();
    }
  }

  /** OPTI-26: changes of shared attributes, as they are pushed. Ends or throws with the session. */
  async *sharedUpdates(signal: AbortSignal): AsyncGenerator<{ update: SharedUpdate; message: MqttMessage }> {
    for await (const message of this.session.messages(signal)) {
      const { topic, payload, ack } = message;
      const update = topic === ATTRIBUTES ? sharedUpdate.safeParse(parse(payload, 'OPTI-26')) : undefined;
      if (update?.success) yield { update: update.data, message };
      else ack();
    }
  }

  /** To be called before `sharedUpdates`, and before the present values are read, so that none is missed between. */
  async subscribeSharedUpdates(signal: AbortSignal): Promise<void> {
    await this.session.subscribe(ATTRIBUTES, 1, signal);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  async #answerTo(id: string, signal: AbortSignal): Promise<AttributeAnswer> {
    for await (const { topic, payload, ack } of this.session.messages(signal)) {
      ack();
      if (topic !== `${ANSWERS}${id}`) continue;
      const answer = attributeAnswer.safeParse(parse(payload, 'OPTI-25'));
      if (answer.success) return answer.data;
      throw new MalformedResponseError('OPTI-25: the answer does not fit');
    }
    throw new UnavailableError('OPTI-25: the session ended before an answer came');
  }

  #publish(topic: string, payload: Json, signal: AbortSignal): Promise<void> {
    return this.session.publish(topic, JSON.stringify(payload), { qos: 1, signal });
  }
}

const parse = (payload: Uint8Array, operation: string): unknown =>
  parseExactJson(operation, Buffer.from(payload).toString('utf8'));
