import {
  type ConnectionData,
  type DataOf,
  type DeviceData,
  deviceId,
  type EventName,
  entityId,
  type FileInfo,
  fileId,
  type Json,
  MAX_POINTS,
  makeEvent,
  type Origin,
} from '@tributary/contracts';
import { type Clock, currentTraceparent, type Logger, type Metrics, newEventId } from '@tributary/runtime';
import type {
  AttributeReport,
  EntityReport,
  GapReport,
  Observation,
  PlatformEventReport,
  PointBatch,
} from '../../contract.ts';
import { canonical } from '../../digest.ts';
import type { HeldLease } from '../leases/held-lease.ts';
import type { Failpoint, Publisher } from '../ports.ts';
import { chunksOfAttributes } from './attribute-chunks.ts';
import { Coalescer } from './coalescer.ts';
import type { ConfirmedMemory, MemoryScope } from './confirmed-memory.ts';
import { derivedEventId, fingerprint } from './fingerprint.ts';
import { gapEvent } from './gap-event.ts';
import { checkPoint, isJson } from './point-check.ts';
import { type PreparedPoint, preparePoint } from './prepared-point.ts';
import { PublishAccount } from './publish-account.ts';

export interface ConnectionPublisherOptions {
  workspace: string;
  platform: string;
  lease: HeldLease;
  publisher: Publisher;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  failpoint: Failpoint;
  /** Shared by the process. */
  memory: ConfirmedMemory;
}

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
  readonly #options: ConnectionPublisherOptions;
  readonly #connectionId: string;
  readonly #coalescer: Coalescer;
  readonly #memory: MemoryScope;

  constructor(options: ConnectionPublisherOptions) {
    this.#options = options;
    this.#connectionId = options.lease.connectionId;
    this.account = new PublishAccount({ ...options, connectionId: this.#connectionId });
    this.#memory = options.memory.scope();
    this.#coalescer = new Coalescer({
      clock: options.clock,
      lingerMs: LINGER_MS,
      maxPoints: MAX_POINTS,
      maxBytes: MAX_POINTS_BYTES,
      send: (device, origin, points) => this.#sendPoints(device, origin, points),
      onDuplicate: () => this.account.suppressed(),
    });
  }

  observe(observation: Observation): Promise<void> {
    switch (observation.type) {
      case 'points':
        return this.points(observation);
      case 'attributes':
        return this.attributes(observation.device, observation.attributes);
      case 'platform-event':
        return this.platformEvent(observation.event);
      case 'file':
        return this.file(observation.change, observation.file);
      case 'entity':
        return this.entity(observation.change, observation.entity);
      case 'gap':
        return this.gap(observation.gap);
    }
  }

  /** Sends what waits for company now. */
  flush(): void {
    this.#coalescer.flush();
  }

  /** The connection is let go: what it said is no longer remembered. */
  forget(): void {
    this.#memory.drop();
  }

  async points(batch: PointBatch): Promise<void> {
    this.account.received(batch.points.length);
    if (!isNativeId(batch.device)) return this.#badItem(batch.points.length, 'points');
    const nowMs = this.#options.clock.now();
    const fresh: PreparedPoint[] = [];
    for (const given of batch.points) {
      const checked = checkPoint(given, nowMs);
      if (!checked.ok) {
        this.account.setAside(checked.reason, { device: batch.device, name: given.signal });
        continue;
      }
      if (checked.suspect) this.account.suspect();
      const prepared = preparePoint(checked.point);
      const { signal, ts } = checked.point;
      if (this.#memory.knows(keyOf(batch.device, signal), ts, prepared.print)) this.account.suppressed();
      else if (prepared.bytes > MAX_POINTS_BYTES) {
        this.account.setAside('too-large', { device: batch.device, name: signal });
      } else fresh.push(prepared);
    }
    await this.#coalescer.add(batch.device, batch.origin, fresh);
  }

  /** Only what differs from what was last confirmed. */
  async attributes(device: string, reports: readonly AttributeReport[]): Promise<void> {
    if (!isNativeId(device)) return this.#badItem(1, 'attributes');
    const last = new Map(reports.map((report) => [keyOf(report.scope, report.name), report]));
    const changed = [...last].filter(([key, report]) => this.#changed(key, report, device));
    for (const chunk of chunksOfAttributes(changed, MAX_POINTS, MAX_POINTS_BYTES)) {
      for (const name of chunk.tooLarge) this.account.setAside('too-large', { device, name });
      if (chunk.attributes.length === 0) continue;
      const id = deviceId(this.#connectionId, device);
      const rev = this.#options.lease.revs.next();
      const data = { deviceId: id, nativeId: device, rev: String(rev), attributes: chunk.attributes };
      await this.#publish('attribute.reported', id, 'poll', data);
      const series = keyOf('attribute', device);
      for (const [key, report] of chunk.sources) this.#memory.confirmed(series, key, attributeValue(report), rev);
    }
  }

  /** One event id for one key, in this process and in the next: whoever reads it twice can tell. */
  async platformEvent(event: PlatformEventReport): Promise<void> {
    if (this.#memory.knows('platform-event', event.key, '')) return;
    const time = this.#timeOf(event.tsMs);
    if (!time || !isJson(event.details, 0)) {
      return this.account.setAside(time ? 'not-json' : 'bad-time', { device: event.device, name: event.name });
    }
    const id = event.device === undefined ? undefined : deviceId(this.#connectionId, event.device);
    const device = id === undefined ? {} : { deviceId: id, nativeId: event.device };
    const data = { ...device, name: event.name, ts: time, details: event.details };
    const eventId = derivedEventId(event.tsMs, this.#connectionId, event.key);
    await this.#publish('platform-event.observed', id ?? this.#connectionId, 'poll', data, eventId);
    this.#memory.confirmed('platform-event', event.key, '', 1n);
  }

  async file(change: 'listed' | 'available', file: FileInfo): Promise<void> {
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
    };
    await this.#publish(`file.${change}`, id, 'poll', data);
    this.#memory.confirmed(series, id, value, rev);
  }

  /** The same said of the same record twice in a row is said once; the greatest rev is how it is now. */
  async entity(change: 'created' | 'updated' | 'removed', entity: EntityReport): Promise<void> {
    const { entityType, nativeId, name, attributes } = entity;
    if (!isNativeId(nativeId) || !isNativeId(entityType)) return this.#badItem(1, 'entity');
    if (!isJson(attributes, 0)) return this.account.setAside('not-json', { name: entityType });
    const id = entityId(this.#connectionId, entityType, nativeId);
    const value = fingerprint([change, name ?? null, attributes]);
    if (this.#memory.knows('entity', id, value)) return;
    const rev = this.#options.lease.revs.next();
    const data = { entityType, nativeId, rev: String(rev), attributes, ...(name === undefined ? {} : { name }) };
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

  connection(
    action: 'connected' | 'degraded' | 'recovered' | 'unauthorized',
    data: Omit<ConnectionData, 'rev' | 'connectionId'>,
  ): Promise<void> {
    const rev = String(this.#options.lease.revs.next());
    const connectionId = this.#connectionId;
    return this.#publish(`connection.${action}`, connectionId, 'live', { ...data, connectionId, rev });
  }

  async #sendPoints(device: string, origin: Origin, prepared: PreparedPoint[]): Promise<void> {
    // Stamped in the order in which messages close, before anything is awaited.
    const rev = this.#options.lease.revs.next();
    const id = deviceId(this.#connectionId, device);
    const points = prepared.map(({ point }) => point);
    const data = { deviceId: id, nativeId: device, rev: String(rev), points };
    await this.#publish('telemetry.observed', id, origin, data);
    this.account.published(points.length);
    for (const { point, print } of prepared) this.#memory.confirmed(keyOf(device, point.signal), point.ts, print, rev);
  }

  async #publish<N extends EventName>(
    name: N,
    subject: string,
    origin: Origin,
    data: DataOf<N>,
    id = newEventId(),
  ): Promise<void> {
    const { workspace, platform, lease, publisher, clock, failpoint } = this.#options;
    lease.check();
    const connectionId = this.#connectionId;
    const time = new Date(clock.now()).toISOString();
    const traceparent = currentTraceparent();
    const event = makeEvent({ id, name, workspace, platform, connectionId, subject, time, origin, data, traceparent });
    const routing = { workspace, event: name, platform, connectionId, subjectId: subject };
    const confirmed = publisher.publish(event, routing, lease.signal);
    await Promise.all([confirmed, failpoint('after-publish-before-confirm')]);
    this.account.event(name);
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

  #badItem(count: number, what: string): void {
    for (let i = 0; i < count; i++) this.account.setAside('bad-item', { name: what });
  }
}

const isNativeId = (id: unknown) => typeof id === 'string' && id.length > 0 && id.length <= 512;
/** One key from parts that cannot hold NUL. */
const keyOf = (...parts: string[]): string => parts.join('\u0000');
const attributeValue = (report: AttributeReport) =>
  keyOf(fingerprint(report.value), report.value === undefined ? 'removed' : '', canonical(report.tsMs ?? null));
