import {
  type ConnectionData,
  type DataOf,
  type DeviceData,
  derivedEventId,
  deviceId,
  type EventName,
  entityId,
  eventNameOf,
  type FileInfo,
  fileId,
  type Json,
  MAX_POINTS,
  makeEvent,
  type Origin,
  type Point,
  type TributaryEvent,
  telemetryEventId,
  type Via,
} from '@tributary/contracts';
import {
  type Clock,
  currentTraceparent,
  type Logger,
  type Metrics,
  newEventId,
  newId,
  withSpan,
} from '@tributary/runtime';
import type {
  AttributeReport,
  EntityReport,
  GapReport,
  Observation,
  PlatformEventReport,
  PointBatch,
  PointValue,
} from '../../contract.ts';
import { canonical } from '../../digest.ts';
import type { DataSource } from '../../lineage/data-source.ts';
import { type AdapterBuild, viaOf } from '../../lineage/via-of.ts';
import { REFUSED_POINT } from '../asides/item-text.ts';
import type { Asides } from '../asides/set-aside-desk.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { Failpoint, Publisher } from '../ports.ts';
import type { StatusEvent } from '../supervision/connection-status.ts';
import { chunksOfAttributes } from './attribute-chunks.ts';
import { type Arrival, Coalescer, type Parcel } from './coalescer.ts';
import type { ConfirmedMemory, MemoryScope } from './confirmed-memory.ts';
import { fingerprint } from './fingerprint.ts';
import { gapEvent } from './gap-event.ts';
import { checkPoint, isJson, type SetAsideReason } from './point-check.ts';
import { type PreparedPoint, preparePoint } from './prepared-point.ts';
import { PublishAccount } from './publish-account.ts';
import { RunLedger } from './run-ledger.ts';

export interface ConnectionPublisherOptions {
  workspace: string;
  platform: string;
  lease: HeldLease;
  publisher: Publisher;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  failpoint: Failpoint;
  /** What maps, told with every event for its lineage. */
  build?: AdapterBuild | undefined;
  /** Shared by the process. */
  memory: ConfirmedMemory;
  /** Called with everything that cannot be published. */
  onSetAside?: ((item: { what: string; problems: string; device?: string | undefined }) => void) | undefined;
  /** Keeps points that are refused; without it they are only counted. */
  asides?: Asides | undefined;
}

/** Where in `{ device, point }` it does not fit. */
const PLACE_OF: Partial<Record<SetAsideReason, string>> = {
  'not-a-number': '/point/value',
  'not-json': '/point/value',
  'too-large': '/point/value',
  'bad-signal': '/point/signal',
  'bad-time': '/point/tsMs',
  'future-time': '/point/tsMs',
};
const LINGER_MS = 15;
/** Leaves room for envelope and headers in 64 KiB. */
const MAX_POINTS_BYTES = 60_000;
const DAY_MS = 86_400_000;

/**
 * Everything one connection says, as events. Each promise resolves once the broker has confirmed, and rejects when the
 * lease was lost first; nothing is published without a valid lease.
 */
export class ConnectionPublisher {
  readonly account: PublishAccount;
  /** What the conservation account learns of this connection while we own it. */
  readonly ledger: RunLedger;
  readonly #options: ConnectionPublisherOptions;
  readonly #connectionId: string;
  readonly #coalescer: Coalescer;
  readonly #memory: MemoryScope;
  #unconfirmed = 0;
  #confirmedAtMs = 0;

  constructor(options: ConnectionPublisherOptions) {
    this.#options = options;
    this.#connectionId = options.lease.connectionId;
    this.account = new PublishAccount({ ...options, connectionId: this.#connectionId });
    this.ledger = new RunLedger({
      workspace: options.workspace,
      connectionId: this.#connectionId,
      epoch: options.lease.epoch,
      newRun: () => newId('run'),
    });
    this.#memory = options.memory.scope();
    this.#coalescer = new Coalescer({
      clock: options.clock,
      lingerMs: LINGER_MS,
      maxPoints: MAX_POINTS,
      maxBytes: MAX_POINTS_BYTES,
      send: (parcel) => this.#sendPoints(parcel),
      onDuplicate: (arrival) => this.#unchanged(arrival),
    });
  }

  observe(observation: Observation): Promise<void> {
    switch (observation.type) {
      case 'points':
        return this.points(observation);
      case 'attributes':
        return this.attributes(observation.device, observation.attributes, observation.via);
      case 'platform-event':
        return this.platformEvent(observation.event, observation.via);
      case 'file':
        return this.file(observation.change, observation.file, observation.via);
      case 'entity':
        return this.entity(observation.change, observation.entity, observation.via);
      case 'gap':
        return this.gap(observation.gap);
    }
  }

  /** For how long the broker has owed a confirm, since it last gave one. Milliseconds; 0 where it owes none. */
  get unconfirmedMs(): number {
    return this.#unconfirmed === 0 ? 0 : this.#options.clock.monotonicMs() - this.#confirmedAtMs;
  }

  /** Sends what waits for company now. */
  flush(): void {
    this.#coalescer.flush();
  }

  /** Resolves once what was set aside of this connection is kept where it can be looked at. */
  async kept(): Promise<void> {
    await this.#options.asides?.settled(this.#connectionId);
  }

  /** The connection is let go: what it said is no longer remembered, and nothing more is said. */
  forget(): void {
    this.#memory.drop();
    this.ledger.end();
  }

  /** Points of a backfill. They leave nothing in the memory that live data is compared with, nor push anything out of it. */
  readAgain(batch: PointBatch): Promise<void> {
    return this.points(batch, true);
  }

  async points(batch: PointBatch, again = false): Promise<void> {
    const nowMs = this.#options.clock.now();
    const arrival: Arrival = { atMs: nowMs, minute: this.ledger.at(nowMs), via: batch.via, again };
    this.account.received(batch.points.length);
    arrival.minute.bring(batch.points.length);
    if (!isNativeId(batch.device)) {
      arrival.minute.putAside('bad-item', batch.points.length);
      return this.#badItem(batch.points.length, 'points');
    }
    const setAside = (reason: SetAsideReason, given: PointValue) => {
      arrival.minute.putAside(reason);
      this.account.setAside(reason, { device: batch.device, name: given.signal });
      this.#keep(reason, batch.device, given);
    };
    const fresh: PreparedPoint[] = [];
    for (const given of batch.points) {
      const checked = checkPoint(given, nowMs);
      if (!checked.ok) {
        setAside(checked.reason, given);
        continue;
      }
      if (checked.suspect) this.account.suspect();
      const prepared = preparePoint(checked.point);
      const { signal, ts } = checked.point;
      if (this.#memory.knows(keyOf(batch.device, signal), ts, prepared.print)) this.#unchanged(arrival);
      else if (prepared.bytes > MAX_POINTS_BYTES) setAside('too-large', given);
      else fresh.push(prepared);
    }
    await this.#coalescer.add(batch.device, batch.origin, fresh, arrival);
  }

  /** Only what differs from what was last confirmed. */
  async attributes(device: string, reports: readonly AttributeReport[], via?: DataSource): Promise<void> {
    if (!isNativeId(device)) return this.#badItem(1, 'attributes');
    const last = new Map(reports.map((report) => [keyOf(report.scope, report.name), report]));
    const changed = [...last].filter(([key, report]) => this.#changed(key, report, device));
    for (const chunk of chunksOfAttributes(changed, MAX_POINTS, MAX_POINTS_BYTES)) {
      for (const name of chunk.tooLarge) this.account.setAside('too-large', { device, name });
      if (chunk.attributes.length === 0) continue;
      const id = deviceId(this.#connectionId, device);
      const rev = this.#options.lease.revs.next();
      const data = {
        deviceId: id,
        nativeId: device,
        rev: String(rev),
        attributes: chunk.attributes,
        ...this.#via(via),
      };
      await this.#publish('attribute.reported', id, 'poll', data);
      const series = keyOf('attribute', device);
      for (const [key, report] of chunk.sources) this.#memory.confirmed(series, key, attributeValue(report), rev);
    }
  }

  /** One event id for one key, in this process and in the next: whoever reads it twice can tell. */
  async platformEvent(event: PlatformEventReport, via?: DataSource): Promise<void> {
    if (this.#memory.knows('platform-event', event.key, '')) return;
    const time = this.#timeOf(event.tsMs);
    if (!time || !isJson(event.details, 0)) {
      return this.account.setAside(time ? 'not-json' : 'bad-time', { device: event.device, name: event.name });
    }
    const id = event.device === undefined ? undefined : deviceId(this.#connectionId, event.device);
    const device = id === undefined ? {} : { deviceId: id, nativeId: event.device };
    const data = { ...device, name: event.name, ts: time, details: event.details, ...this.#via(via) };
    const eventId = derivedEventId(event.tsMs, this.#connectionId, event.key);
    await this.#publish('platform-event.observed', id ?? this.#connectionId, 'poll', data, { id: eventId });
    this.#memory.confirmed('platform-event', event.key, '', 1n);
  }

  async file(change: 'listed' | 'available', file: FileInfo, via?: DataSource): Promise<void> {
    const { deviceNativeId, ...info } = file;
    const id = fileId(this.#connectionId, deviceNativeId, file.name);
    const series = keyOf('file', change);
    const value = fingerprint(info as Json);
    if (this.#memory.knows(series, id, value)) return;
    const rev = this.#options.lease.revs.next();
    const data = {
      ...info,
      deviceId: deviceId(this.#connectionId, deviceNativeId),
      nativeId: deviceNativeId,
      fileId: id,
      rev: String(rev),
      ...this.#via(via),
    };
    await this.#publish(`file.${change}`, id, 'poll', data);
    this.#memory.confirmed(series, id, value, rev);
  }

  /** The same said of the same record twice in a row is said once; the greatest rev is how it is now. */
  async entity(change: 'created' | 'updated' | 'removed', entity: EntityReport, via?: DataSource): Promise<void> {
    const { entityType, nativeId, name, attributes } = entity;
    if (!isNativeId(nativeId) || !isNativeId(entityType)) return this.#badItem(1, 'entity');
    if (!isJson(attributes, 0)) return this.account.setAside('not-json', { name: entityType });
    const id = entityId(this.#connectionId, entityType, nativeId);
    const value = fingerprint([change, name ?? null, attributes]);
    if (this.#memory.knows('entity', id, value)) return;
    const rev = this.#options.lease.revs.next();
    const named = name === undefined ? {} : { name };
    const data = { entityType, nativeId, rev: String(rev), attributes, ...named, ...this.#via(via) };
    await this.#publish(`entity.${change}`, id, 'poll', data);
    this.#memory.confirmed('entity', id, value, rev);
  }

  async gap(gap: GapReport): Promise<void> {
    const event = gapEvent(gap, { connectionId: this.#connectionId, timeOf: (ms) => this.#timeOf(ms) });
    if (!event) return this.account.setAside('bad-time', { device: gap.device, name: 'telemetry.gap' });
    await this.platformEvent(event);
  }

  device(action: 'discovered' | 'updated' | 'removed', data: Omit<DeviceData, 'rev'>): Promise<void> {
    const rev = String(this.#options.lease.revs.next());
    return this.#publish(`device.${action}`, data.deviceId, 'poll', { ...data, rev });
  }

  /** What is to be said of the connection; `send` says it. */
  connectionEvent(
    action: StatusEvent,
    data: Omit<ConnectionData, 'rev' | 'connectionId'>,
    atMs: number,
  ): TributaryEvent {
    const rev = String(this.#options.lease.revs.next());
    const connectionId = this.#connectionId;
    const event = this.#event(`connection.${action}`, connectionId, 'live', { ...data, connectionId, rev });
    return { ...event, time: new Date(atMs).toISOString() };
  }

  /** Of this connection, made now or by an earlier owner. Resolves once the broker has it. */
  async send(event: TributaryEvent): Promise<void> {
    const { lease, publisher, workspace, platform } = this.#options;
    const name = eventNameOf(event.type);
    if (name === undefined) throw new RangeError(`${event.type} is no event of a connection`);
    lease.check();
    const routing = { workspace, event: name, platform, connectionId: this.#connectionId, subjectId: event.subject };
    await publisher.publish(event, routing, lease.signal);
    this.account.event(name);
  }

  #unchanged({ minute }: Arrival): void {
    minute.leaveUnchanged();
    this.account.suppressed();
  }

  async #sendPoints({ device, origin, points: prepared, arrival, sources }: Parcel): Promise<void> {
    const { minute, atMs } = arrival;
    // Stamped in the order in which messages close, before anything is awaited.
    const rev = this.#stamp(() => minute.giveUp(prepared.length));
    const id = deviceId(this.#connectionId, device);
    const points = prepared.map(({ point }) => point);
    const run = minute.number(points.length, firstAndLast(points));
    const data = { deviceId: id, nativeId: device, rev: String(rev), run, points, ...this.#via(...sources) };
    const eventId = telemetryEventId(this.#connectionId, data.rev);
    await this.#publish('telemetry.observed', id, origin, data, { id: eventId, timeMs: atMs });
    minute.confirm(run.first, points.length);
    this.account.published(points.length);
    for (const { point, print } of prepared) {
      const series = keyOf(device, point.signal);
      if (arrival.again) this.#memory.forget(series, point.ts);
      else this.#memory.confirmed(series, point.ts, print, rev);
    }
  }

  #via(...sources: (DataSource | undefined)[]): { via?: Via } {
    const via = viaOf(
      sources.filter((source) => source !== undefined),
      this.#options.build,
    );
    return via ? { via } : {};
  }

  /** Throws when the connection is no longer ours. */
  #stamp(onFailure: () => void): bigint {
    try {
      this.#options.lease.check();
      return this.#options.lease.revs.next();
    } catch (error) {
      onFailure();
      throw error;
    }
  }

  async #publish<N extends EventName>(
    name: N,
    subject: string,
    origin: Origin,
    data: DataOf<N>,
    given: { id?: string; timeMs?: number } = {},
  ): Promise<void> {
    const { workspace, platform, lease, publisher, failpoint } = this.#options;
    lease.check();
    const connectionId = this.#connectionId;
    const routing = { workspace, event: name, platform, connectionId, subjectId: subject };
    // The event carries this span's place in the trace: what is done with it elsewhere goes on from here.
    await withSpan(`publish ${name}`, { kind: 'producer' }, () => {
      const event = this.#event(name, subject, origin, data, given);
      const confirmed = publisher.publish(event, routing, lease.signal);
      return Promise.all([this.#owed(confirmed), failpoint('after-publish-before-confirm')]);
    });
    this.account.event(name);
  }

  async #owed(confirm: Promise<void>): Promise<void> {
    if (this.#unconfirmed++ === 0) this.#confirmedAtMs = this.#options.clock.monotonicMs();
    try {
      await confirm;
      this.#confirmedAtMs = this.#options.clock.monotonicMs();
    } finally {
      this.#unconfirmed -= 1;
    }
  }

  #event<N extends EventName>(
    name: N,
    subject: string,
    origin: Origin,
    data: DataOf<N>,
    { id = newEventId(), timeMs = this.#options.clock.now() }: { id?: string; timeMs?: number } = {},
  ): TributaryEvent<N> {
    const { workspace, platform } = this.#options;
    const connectionId = this.#connectionId;
    const time = new Date(timeMs).toISOString();
    const traceparent = currentTraceparent();
    return makeEvent({ id, name, workspace, platform, connectionId, subject, time, origin, data, traceparent });
  }

  #changed(key: string, report: AttributeReport, device: string): boolean {
    const named = typeof report.name === 'string' && report.name.length > 0 && report.name.length <= 256;
    if (!named || (report.value !== undefined && !isJson(report.value, 0))) {
      this.account.setAside(named ? 'not-json' : 'bad-item', { device, name: report.name });
      return false;
    }
    return !this.#memory.knows(keyOf('attribute', device), key, attributeValue(report));
  }

  #timeOf(tsMs: number): string | undefined {
    const now = this.#options.clock.now();
    return Number.isFinite(tsMs) && tsMs > -62e12 && tsMs <= now + DAY_MS ? new Date(tsMs).toISOString() : undefined;
  }

  /** A point without a value has nothing in it that could be stored one day. */
  #keep(reason: SetAsideReason, device: string, point: PointValue): void {
    if (reason === 'no-value') return;
    const { asides, workspace, platform } = this.#options;
    asides?.take(
      { workspace, platform, id: this.#connectionId },
      {
        what: REFUSED_POINT,
        reason: 'refused-point',
        problems: [{ path: PLACE_OF[reason] ?? '', problem: reason }],
        item: { device, point },
        device,
      },
    );
  }

  #badItem(count: number, what: string): void {
    for (let i = 0; i < count; i++) this.account.setAside('bad-item', { name: what });
  }
}

/** Times of one form stand in the order of their texts: two are read instead of all. */
function firstAndLast(points: readonly Point[]): number[] {
  let [first, last] = [points[0]?.ts ?? '', points[0]?.ts ?? ''];
  for (const { ts } of points) {
    if (ts < first) first = ts;
    if (ts > last) last = ts;
  }
  return [first, last].map(Date.parse);
}

const isNativeId = (id: unknown) => typeof id === 'string' && id.length > 0 && id.length <= 512;
/** One key from parts that cannot hold NUL. */
const keyOf = (...parts: string[]): string => parts.join('\u0000');
const attributeValue = (report: AttributeReport) =>
  keyOf(fingerprint(report.value), report.value === undefined ? 'removed' : '', canonical(report.tsMs ?? null));
