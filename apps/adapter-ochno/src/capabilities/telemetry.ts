import type { Call, Checkpoint, Clock, Limitations, Observation, Page, Poll, Presence } from '@tributary/adapter-kit';
import { NotFoundError } from '@tributary/contracts';
import type { OchnoClient } from '../client.ts';
import { isMissing } from '../errors.ts';
import type { CompanyInventory, Inventory } from '../inventory.ts';
import { type Leaf, leavesOf } from '../leaves.ts';
import { hubAttributes, plugEvent, pointsOf, portAttributes, timeOf } from '../mapping.ts';
import type { PortStates } from '../port-states.ts';
import type { Port } from '../wire.ts';
import type { EntityChanges } from './entities.changes.ts';

export interface PortReaderOptions {
  client: OchnoClient;
  inventory: Inventory;
  states: PortStates;
  presence: Presence;
  limitations: Limitations;
  clock: Clock;
  changes: EntityChanges;
}

/** The vendor wants live values to come by its stream: ports are not read more often than this to reconcile them. */
const RECONCILE_AT_MOST_EVERY_MS = 600_000;

/** Reads what ports hold, and tells of it what is news. */
export class PortReader {
  readonly #options: PortReaderOptions;
  #reconciledAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PortReaderOptions) {
    this.#options = options;
  }

  /** All of a company, now. Throws `NotFoundError` when the user does not see it any more. */
  async look(company: string, call: Call): Promise<CompanyInventory> {
    const { inventory } = this.#options;
    const { companies } = await inventory.companies(call);
    const found = companies.find(({ id }) => id === company);
    if (!found) throw new NotFoundError('OCHNO-03: the user does not see this company');
    return inventory.now(found, call);
  }

  /** What the ports hold and nobody has heard, what is plugged in, and how hubs and ports are made. */
  observe({ hubs, ports }: CompanyInventory): Observation[] {
    return [
      ...hubs.map((hub): Observation => ({ type: 'attributes', device: hub.id, attributes: hubAttributes(hub) })),
      ...ports.flatMap((port) => this.#observePort(port)),
    ];
  }

  /** For values that a stream has missed without anybody noticing, for attributes and records: rarely. */
  get reconcile(): Poll {
    return { schedule: 'reconcile', run: (from, signal) => this.#reconcile(from, signal) };
  }

  async *#reconcile(
    from: Checkpoint | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Page<Observation>, void, undefined> {
    const { inventory, limitations, clock, changes } = this.#options;
    if (clock.monotonicMs() - this.#reconciledAtMs < RECONCILE_AT_MOST_EVERY_MS) return;
    const call: Call = { lane: 'reconcile', signal };
    const look = changes.begin();
    for (const company of (await inventory.companies(call)).companies) {
      try {
        const found = await inventory.of(company, call);
        look.see(found);
        yield { items: this.observe(found) };
      } catch (error) {
        if (!isMissing(error)) throw error;
        look.incomplete();
        limitations.note(`inventory ${company.id}`, `company ${company.id} cannot be read: ${error.code}`);
      }
    }
    yield look.end(from);
    this.#reconciledAtMs = clock.monotonicMs();
  }

  #observePort(port: Port): Observation[] {
    const { clock } = this.#options;
    const attributes: Observation = { type: 'attributes', device: port.id, attributes: portAttributes(port) };
    const data = port.data ?? {};
    const leaves = leavesOf(data);
    if (!leaves || leaves.size === 0) return [attributes];
    return [attributes, ...this.#newsOf(port, leaves, timeOf(data) ?? clock.now())];
  }

  /** Stamped with the port's own time: the newest at which this was its state. */
  #newsOf(port: Port, leaves: ReadonlyMap<string, Leaf>, tMs: number): Observation[] {
    const { states, presence, clock } = this.#options;
    const news = states.news(port.id, leaves, tMs);
    const heardMs = Math.min(tMs, clock.now());
    presence.heard(port.id, heardMs);
    if (port.hubId) presence.heard(port.hubId, heardMs);
    const { plug } = states.say(port.id, leaves, tMs);
    const observations: Observation[] = [];
    if (news.size > 0) {
      observations.push({ type: 'points', device: port.id, origin: 'poll', points: pointsOf(news, tMs) });
    }
    if (plug) {
      observations.push({ type: 'platform-event', event: plugEvent(port.id, plug.change, plug.device, tMs) });
    }
    return observations;
  }
}
