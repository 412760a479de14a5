import {
  type Area,
  deviceId as deriveDeviceId,
  type EventName,
  parseEvent,
  type TributaryEvent,
} from '@tributary/contracts';
import { type Applied, classifyDatabaseError, sqlStateOf } from '@tributary/database';
import type { Counter, Logger, Metrics } from '@tributary/runtime';
import { RefusedByDatabase, type StorageGate } from '../batches/storage-gate.ts';
import { readBody } from '../intake/message-body.ts';
import type { Decoded, Held, MessageHandling, Refusal } from '../intake/message-handling.ts';
import { type Fault, refusedByDatabase } from '../parking/reasons.ts';
import type { ProjectedEvent, Projection } from './projection.ts';

/** What came of an event, or why nothing did. */
export interface Effect {
  effect?: Applied | 'not-kept';
  fault?: Fault;
}

type Projected = Held<ProjectedEvent>;
type Outcome = 'received' | 'applied' | 'stale' | 'unknown-connection' | 'not-kept' | 'parked' | 'returned';

/** Arrives on the queue of projections, but is answered live by the platforms and kept nowhere. */
const NOT_KEPT: ReadonlySet<Area> = new Set<Area>(['entity']);
/** Told by ourselves, of what is written down already. */
const OUR_OWN: ReadonlySet<string> = new Set<EventName>(['device.stale', 'device.recovered']);
const MAX_PROBLEMS = 50;
const NOT_KEPT_HERE: Fault = { reason: 'wrong-queue', problems: [{ path: '/type', problem: 'is not kept here' }] };

/** Events of devices, attributes, files, connections and platforms to the tables that show how things are. */
export class ProjectionHandling implements MessageHandling<ProjectedEvent> {
  readonly #projections: ReadonlyMap<Area, Projection>;
  readonly #rehearse: Projection;
  readonly #gate: StorageGate;
  readonly #log: Logger;
  readonly #events: Counter<'area' | 'outcome'>;

  constructor(parts: {
    projections: ReadonlyMap<Area, Projection>;
    /** What the projection would say now, without an effect. */
    rehearse: Projection;
    gate: StorageGate;
    log: Logger;
    metrics: Metrics;
  }) {
    this.#projections = parts.projections;
    this.#rehearse = parts.rehearse;
    this.#gate = parts.gate;
    this.#log = parts.log;
    this.#events = parts.metrics.counter('ingest_events_total', {
      help: 'Events other than telemetry, by area and what became of them.',
      labels: ['area', 'outcome'],
    });
  }

  decode(body: Buffer): Decoded<ProjectedEvent> {
    const read = readBody(body);
    if (!read.ok) return { fault: read.fault, size: 1, badSize: 1 };
    const parsed = parseSafely(read.json);
    if (!parsed.ok) {
      const fault: Fault = { reason: 'schema', problems: parsed.problems.slice(0, MAX_PROBLEMS) };
      return { fault, size: 1, badSize: 1 };
    }
    const { event, name, workspace } = parsed;
    if (!('connectionid' in event)) {
      return {
        size: 1,
        workspace,
        eventId: event.id,
        fault: NOT_KEPT_HERE,
        badSize: 1,
      };
    }
    const about = { size: 1, connectionId: event.connectionid, workspace, eventId: event.id };
    const item = toItem(event, name, workspace);
    const fault = this.#objection(event, item.area);
    return fault ? { ...about, fault, badSize: 1 } : { ...about, item, badSize: 0 };
  }

  /** One by one: each event is a transaction of its own, so a guilty one is known at once. */
  async store<H extends Projected>(batch: readonly H[], signal: AbortSignal): Promise<Refusal<H>[]> {
    const refusals: Refusal<H>[] = [];
    const open = new Set(batch);
    try {
      for (const held of batch) {
        const { fault } = await this.#apply(held.item, signal);
        open.delete(held);
        if (fault) refusals.push({ held, fault, size: 1 });
      }
      return refusals;
    } catch (error) {
      for (const { decoded } of open) this.returned(decoded);
      throw error;
    }
  }

  storeAlone<H extends Projected>(held: H, signal: AbortSignal): Promise<Refusal<H>[]> {
    return this.store([held], signal);
  }

  /** Applies one event and says what came of it. */
  apply(item: ProjectedEvent, signal: AbortSignal): Promise<Effect> {
    return this.#apply(item, signal);
  }

  /** What `apply` would say now. Nothing is changed or counted; a database that is away is no reason to wait. */
  async rehearse(item: ProjectedEvent): Promise<Effect> {
    if (!this.#projections.has(item.area)) return { effect: 'not-kept' };
    try {
      return { effect: await this.#rehearse(item) };
    } catch (error) {
      if (classifyDatabaseError(error) !== 'bad-message') throw error;
      return { fault: refusedByDatabase(sqlStateOf(error)) };
    }
  }

  received(decoded: Decoded<ProjectedEvent>): void {
    this.#count(decoded.item?.area, 'received');
  }

  parked(decoded: Decoded<ProjectedEvent>): void {
    this.#count(decoded.item?.area, 'parked');
  }

  returned(decoded: Decoded<ProjectedEvent>): void {
    this.#count(decoded.item?.area, 'returned');
  }

  async #apply(item: ProjectedEvent, signal: AbortSignal): Promise<Effect> {
    const project = this.#projections.get(item.area);
    if (!project || OUR_OWN.has(`${item.area}.${item.action}`)) {
      this.#count(item.area, 'not-kept');
      return { effect: 'not-kept' };
    }
    try {
      const applied = await this.#gate.run(() => project(item), signal);
      this.#count(item.area, applied);
      if (applied === 'unknown-connection') {
        this.#log.debug(
          { connectionId: item.context.connectionId },
          'an event of a connection that does not exist is dropped',
        );
      }
      return { effect: applied };
    } catch (error) {
      if (!(error instanceof RefusedByDatabase)) throw error;
      return { fault: refusedByDatabase(error.sqlState) };
    }
  }

  #objection({ source, connectionid, data }: TributaryEvent, area: Area): Fault | undefined {
    if (!this.#projections.has(area) && !NOT_KEPT.has(area)) return NOT_KEPT_HERE;
    if (!source.endsWith(`/${connectionid}`)) {
      return fault('mismatch', '/connectionid', 'is not the connection of the source');
    }
    const { deviceId, nativeId } = data as { deviceId?: string; nativeId?: string };
    if (deviceId === undefined || nativeId === undefined) return undefined;
    if (deriveDeviceId(connectionid, nativeId) === deviceId) return undefined;
    return fault('mismatch', '/data/deviceId', 'is not the id of this native id on this connection');
  }

  #count(area: Area | undefined, outcome: Outcome): void {
    this.#events.inc({ area: area ?? 'none', outcome });
  }
}

function toItem(event: TributaryEvent, name: EventName, workspace: string): ProjectedEvent {
  const dot = name.indexOf('.');
  const { id: eventId, platform, connectionid: connectionId, time, data } = event;
  const context = { eventId, workspace, platform, connectionId, time };
  return { area: name.slice(0, dot) as Area, action: name.slice(dot + 1), context, data };
}

const fault = (reason: Fault['reason'], path: string, problem: string): Fault => ({
  reason,
  problems: [{ path, problem }],
});

/** The contract walks values recursively, so a value that is nested thousands deep makes it overflow the stack. */
function parseSafely(json: unknown): ReturnType<typeof parseEvent> {
  try {
    return parseEvent(json);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ok: false, problems: [{ path: '', problem: 'nested too deeply' }] };
  }
}
