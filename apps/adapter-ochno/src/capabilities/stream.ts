import type {
  Adapter,
  ConnectionKit,
  Limitations,
  MqttMessage,
  Observation,
  Presence,
  StreamInterruption,
  StreamItem,
} from '@tributary/adapter-kit';
import { z } from 'zod';
import type { Companies } from '../companies.ts';
import { Duplicates } from '../duplicates.ts';
import { isMissing } from '../errors.ts';
import type { Inventory } from '../inventory.ts';
import { type Leaf, leavesOf } from '../leaves.ts';
import { plugEvent, pointsOf, timeOf } from '../mapping.ts';
import { readPayload } from '../payload.ts';
import type { PortStates } from '../port-states.ts';
import { isTopicLevel, type Place, placeOf } from '../topics.ts';
import { portMessage } from '../wire.ts';
import { type Repair, repairOf } from './stream.repair.ts';

export interface StreamOptions {
  kit: ConnectionKit;
  companies: Companies;
  inventory: Inventory;
  states: PortStates;
  presence: Presence;
  limitations: Limitations;
  repair: Repair;
}

/** A message without a time of its own that repeats the last one this soon is the same one. */
const REPEATED_WITHIN_MS = 2_000;
const UNDER_WAY_MS = 1_000;
/** What is refused is counted by the kit like any item that does not fit. */
const refused = z.never();

/** OCHNO-08 to OCHNO-10: one stream for each company. */
export class Stream implements NonNullable<Adapter['stream']> {
  readonly #options: StreamOptions;
  readonly #duplicates = new Duplicates();
  /** Time of each company's last message. */
  readonly #newest = new Map<string, number>();

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  async parts(signal: AbortSignal): Promise<string[]> {
    const { inventory, limitations } = this.#options;
    const { companies } = await inventory.companies({ lane: 'live', signal });
    for (const { id } of companies) {
      if (!isTopicLevel(id))
        limitations.note(`stream ${id}`, 'a company has an id that no topic can hold: no live data');
    }
    return companies.map(({ id }) => id).filter(isTopicLevel);
  }

  /** A company is the outermost space of its hubs and ports. */
  covers(company: string) {
    return { space: company };
  }

  async *open(signal: AbortSignal, company: string): AsyncGenerator<StreamItem, void, undefined> {
    const feed = await this.#open(company, signal);
    try {
      yield { type: 'opened' };
      for await (const batch of feed.messages()) {
        for (const item of batch)
          yield* 'untilMs' in item ? this.#lost(company, item.untilMs) : this.#take(company, item);
      }
    } finally {
      await this.#options.companies.close(company, feed);
    }
  }

  repair(missed: StreamInterruption, signal: AbortSignal) {
    return repairOf(this.#options.repair, missed, signal);
  }

  /** A company whose stream we may not have is told of in the connection's health; the others go on. */
  async #open(company: string, signal: AbortSignal) {
    const { companies, limitations } = this.#options;
    try {
      const feed = await companies.open(company, signal);
      limitations.lift(`stream ${company}`);
      return feed;
    } catch (error) {
      if (isMissing(error)) {
        limitations.note(`stream ${company}`, `no live data of company ${company}: ${error.code}`);
      }
      throw error;
    }
  }

  #take(company: string, message: MqttMessage): StreamItem[] {
    const { topic, payload, receivedAtMs: nowMs, ack } = message;
    const place = placeOf(topic, company);
    const read = place ? this.#read(message) : this.#stray(company, message);
    if (!place || !read) {
      // Nothing of it has to be confirmed by anyone.
      ack();
      return [];
    }
    this.#options.inventory.learn(place);
    const told = timeOf(read.data);
    const withinMs = told === undefined ? REPEATED_WITHIN_MS : Number.POSITIVE_INFINITY;
    const done = this.#duplicates.first(topic, payload, { nowMs, withinMs }, ack);
    if (!done) return [];
    this.#newest.set(company, told === undefined ? nowMs : Math.min(told, nowMs));
    const tMs = told ?? this.#options.states.stamp(place.port, nowMs);
    return together(this.#observe(place, read.leaves, tMs, nowMs), message, done);
  }

  /** From the newest that came by the session that broke off. */
  #lost(space: string, untilMs: number): StreamItem[] {
    const fromMs = (this.#newest.get(space) ?? untilMs) - UNDER_WAY_MS;
    const reason = 'a session of the stream broke off before it had brought everything';
    return fromMs < untilMs ? [{ type: 'gap', gap: { space, fromMs, toMs: untilMs, reason } }] : [];
  }

  /** A topic of another company, or no port's: nobody asked for it. */
  #stray(company: string, { topic }: MqttMessage): undefined {
    const { kit, limitations } = this.#options;
    kit.items(refused, [topic], 'topic of a port of this company');
    limitations.note('stray', `messages came on topics that are not those of company ${company}; they are dropped`);
  }

  #read({ topic, payload }: MqttMessage) {
    const { kit } = this.#options;
    const [data] = kit.items(portMessage, [readPayload(payload)], 'port message');
    const leaves = data && leavesOf(data);
    if (data && !leaves) kit.items(refused, [topic], 'port message of bounded size');
    return data && leaves && { data, leaves };
  }

  #observe(place: Place, leaves: ReadonlyMap<string, Leaf>, tMs: number, receivedAtMs: number) {
    const { states, presence } = this.#options;
    const { port, hub } = place;
    const { attributes, plug } = states.say(port, leaves, tMs, receivedAtMs);
    const heardMs = Math.min(tMs, receivedAtMs);
    presence.heard(port, heardMs);
    presence.heard(hub, heardMs);
    const observations: Observation[] = [];
    if (leaves.size > 0) {
      observations.push({ type: 'points', device: port, origin: 'live', points: pointsOf(leaves, tMs) });
    }
    if (attributes.length > 0) observations.push({ type: 'attributes', device: port, attributes });
    if (plug) {
      observations.push({ type: 'platform-event', event: plugEvent(port, plug.change, plug.device, tMs) });
    }
    return observations;
  }
}

/** All that one message says is acknowledged at once. */
function together(observations: readonly Observation[], message: MqttMessage, done: () => void): StreamItem[] {
  let open = observations.length;
  if (open === 0) done();
  const one = () => {
    open -= 1;
    if (open === 0) done();
  };
  const via = { message };
  return observations.map((observation) => ({ ...observation, via, receivedAtMs: message.receivedAtMs, done: one }));
}
