import { randomUUID } from 'node:crypto';
import type { ConnectionKit, MqttMessage, MqttSession } from '@tributary/adapter-kit';
import { isPlatformError, UnavailableError } from '@tributary/contracts';
import { streamFailure } from './errors.ts';
import { Funnel } from './funnel.ts';
import { Handover } from './handover.ts';
import { presignedUrl } from './presigned-url.ts';
import type { HeldAccess, StreamAccess } from './stream-access.ts';
import { allPorts } from './topics.ts';

export type FeedKit = Pick<ConnectionKit, 'mqtt' | 'clock' | 'log'>;

// Quirk: the vendor's own client speaks this name of the protocol (AWS IoT takes `mqtt` as well).
const SUBPROTOCOL = 'mqttv3.1';
/** How often it is looked at whether an old session may go. */
const LOOK_EVERY_MS = 250;
const RENEW_AGAIN_MS = 30_000;
const MOST_AHEAD = 500;
const MOST_WAITING = 5_000;

/** A message; or that an old session broke off, and what it had not brought, sent before `untilMs`, is lost. */
export type FeedItem = MqttMessage | { untilMs: number };

interface Open {
  session: MqttSession;
  clientId: string;
  access: HeldAccess;
  /** Its reader is behind. */
  held: boolean;
  /** Everything that it brought has been passed on. */
  ended: Promise<void>;
}

/**
 * Opens a session with the company's stream. Whatever closes the door on it, the credentials may be why: they are not
 * used again, except where nobody was reached at all. Throws `UnavailableError`, or what asking for credentials threw.
 * The abort of `life` ends the session; by default that of `signal` does.
 */
export async function openSession(
  kit: FeedKit,
  access: StreamAccess,
  signal: AbortSignal,
  { subscribe, life = signal }: { subscribe: boolean; life?: AbortSignal },
): Promise<Open> {
  const held = await access.current(signal);
  // Unique: a second session of one name ends the first.
  const clientId = held.access.clientId ?? `tributary-${randomUUID()}`;
  let session: MqttSession | undefined;
  try {
    const url = presignedUrl(held.access, kit.clock.now() + held.skewMs);
    session = await kit.mqtt({ url, subprotocol: SUBPROTOCOL, clientId, signal: life });
    if (subscribe) await session.subscribe(allPorts(access.company), 1, signal);
    return { session, clientId, access: held, held: false, ended: Promise.resolve() };
  } catch (error) {
    await session?.close();
    if (signal.aborted) throw signal.reason;
    if (!isPlatformError(error) || error.platformCode !== 'not-sent') access.discard(held);
    throw streamFailure(error) ?? error;
  }
}

/** One company's messages, from one session after another: the next one stands before the last one ends. */
export class CompanyFeed {
  readonly #kit: FeedKit;
  readonly #access: StreamAccess;
  readonly #signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #funnel = new Funnel<FeedItem>(MOST_AHEAD);
  readonly #open = new Set<Open>();
  #current: Open | undefined;
  #handover: { last: Open; handover: Handover; waiting: MqttMessage[] } | undefined;
  #wakePump = () => {};
  #cancelRenewal = () => {};
  readonly standsSinceMs: number;

  private constructor(kit: FeedKit, access: StreamAccess, signal: AbortSignal) {
    this.#kit = kit;
    this.#access = access;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.standsSinceMs = kit.clock.now();
  }

  /** Resolves once the company's ports are subscribed to. */
  static async open(kit: FeedKit, access: StreamAccess, signal: AbortSignal): Promise<CompanyFeed> {
    const first = await openSession(kit, access, signal, { subscribe: true });
    const feed = new CompanyFeed(kit, access, signal);
    feed.#adopt(first);
    return feed;
  }

  /** Batches, in the order in which they came. Throws when the session is lost. */
  messages(): AsyncGenerator<FeedItem[], never, undefined> {
    return this.#funnel.read(this.#signal);
  }

  /** Resolves when the broker has acknowledged; see `MqttSession.publish`. */
  async publish(topic: string, payload: string, signal: AbortSignal): Promise<void> {
    if (!this.#current) throw new UnavailableError('OCHNO-11: the stream is closed', { platformCode: 'not-sent' });
    await this.#current.session.publish(topic, payload, { qos: 1, signal });
  }

  async close(): Promise<void> {
    this.#current = undefined;
    this.#cancelRenewal();
    this.#stop.abort(new UnavailableError('OCHNO-08: the stream was closed'));
    this.#wakePump();
    await Promise.all([...this.#open].map(({ session }) => session.close()));
  }

  #adopt(next: Open): void {
    const last = this.#current;
    this.#current = next;
    this.#open.add(next);
    if (last) void this.#handOver(last);
    next.ended = this.#pump(next);
    this.#renewIn(this.#access.renewInMs(next.access));
  }

  /**
   * The old session goes once it has brought all that its successor cannot. What the successor brings waits until then:
   * a correction must not overtake what it corrects.
   */
  async #handOver(last: Open): Promise<void> {
    const nowMs = this.#kit.clock.now();
    const handover = new Handover(nowMs);
    // What was sent in this very millisecond may have been too early for the new session; ranges are half-open.
    const untilMs = nowMs + 1;
    this.#handover = { last, handover, waiting: [] };
    try {
      while (this.#open.has(last) && !(await this.#isOver(last, handover))) {
        await this.#kit.clock.sleep(LOOK_EVERY_MS, this.#signal);
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#kit.log.debug({ err: error }, 'an old session ended before it was let go');
    }
    const brokenOff = !this.#open.has(last) && !handover.isCaughtUp;
    await last.session.close();
    await last.ended;
    if (brokenOff) await this.#funnel.put({ untilMs });
    await this.#release();
  }

  /** Silence counts where the broker answers: what it has to say comes before its answer. */
  async #isOver(last: Open, handover: Handover): Promise<boolean> {
    const { clock } = this.#kit;
    if (handover.isCaughtUp) return true;
    if (!handover.isSilent(clock.now(), last.held)) return false;
    await last.session.subscribe(allPorts(this.#access.company), 1, this.#signal);
    return handover.isSilent(clock.now(), last.held);
  }

  /** In the order in which they came; whoever comes meanwhile queues up behind. */
  async #release(): Promise<void> {
    const waiting = this.#handover?.waiting ?? [];
    for (let next = waiting.shift(); next && !this.#signal.aborted; next = waiting.shift())
      await this.#funnel.put(next);
    this.#handover = undefined;
    const wake = this.#wakePump;
    this.#wakePump = () => {};
    wake();
  }

  /** What an old session ends with is no news: its successor stands. */
  async #pump(open: Open): Promise<void> {
    let end: unknown = new UnavailableError('OCHNO-08: the platform ended the session');
    try {
      for await (const message of open.session.messages(this.#signal)) await this.#pass(open, message);
    } catch (error) {
      end = error;
    }
    this.#open.delete(open);
    if (this.#current !== open) return;
    this.#current = undefined;
    // What waits for an old session to finish has come all the same.
    while (this.#handover && !this.#signal.aborted) await this.#handedOver();
    this.#funnel.end(end);
  }

  async #pass(open: Open, message: MqttMessage): Promise<void> {
    const { last, handover, waiting } = this.#handover ?? {};
    if (!handover || !waiting) return this.#funnel.put(message);
    const settled = handover.came(open === last ? 'old' : 'young', message, this.#kit.clock.now());
    if (open !== last) {
      waiting.push(message);
      // The broker keeps the rest for us.
      while (this.#handover && waiting.length >= MOST_WAITING && !this.#signal.aborted) await this.#handedOver();
      return;
    }
    const ack = () => {
      message.ack();
      settled();
    };
    open.held = true;
    await this.#funnel.put({ ...message, ack });
    open.held = false;
  }

  #handedOver(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wakePump;
      this.#wakePump = () => {
        before();
        resolve();
      };
    });
  }

  #renewIn(ms: number): void {
    this.#cancelRenewal();
    this.#cancelRenewal = this.#kit.clock.after(ms, () => void this.#renew());
  }

  /** A session outlives the credentials that opened it, so one that cannot be replaced yet goes on. */
  async #renew(): Promise<void> {
    const current = this.#current;
    if (!current || this.#signal.aborted) return;
    // One after the other: a session that is still behind has all it needs.
    if (this.#handover) return this.#renewIn(LOOK_EVERY_MS);
    try {
      const access = await this.#access.successorOf(current.access, this.#signal);
      if (access.access.clientId !== undefined && access.access.clientId === current.clientId) {
        // Two sessions cannot share a name: the new credentials wait for the next handshake.
        current.access = access;
        this.#renewIn(this.#access.renewInMs(access));
        return;
      }
      const next = await openSession(this.#kit, this.#access, this.#signal, { subscribe: true });
      if (this.#current === current && !this.#signal.aborted) this.#adopt(next);
      else await next.session.close();
    } catch (error) {
      if (this.#signal.aborted) return;
      const code = isPlatformError(error) ? error.code : 'unknown';
      this.#kit.log.warn({ code, company: this.#access.company }, 'the next session could not be opened yet');
      this.#renewIn(Math.min(RENEW_AGAIN_MS, this.#access.leftMs() / 4 + 1_000));
    }
  }
}
