import { deviceId } from '@tributary/contracts';
import type { CoverageHole, NewPart, OpenPart, SpanStatement, TimeRange } from '@tributary/database';
import type { Clock, Logger } from '@tributary/runtime';
import type { BackfillStore } from '../ports.ts';
import { type AttendedConnection, canRead } from './attended-connection.ts';
import { cutGap, usualCost } from './cut-parts.ts';
import { MOST_READS, turnOf } from './repair-rest.ts';

export interface RepairPlannerOptions {
  store: BackfillStore;
  repairAfterMs: number;
  clock: Clock;
  log: Logger;
}

/** Open parts of repairs that one connection has at most: the rest of its holes waits for its turn. */
const MOST_OPEN = 32;
/** Holes that one look goes through, of all connections. */
const HOLES = 200;
/** A stream mends its own gaps once it stands again; one that has not by then needs help. */
const STREAMS_OWN_MS = 900_000;

/**
 * Turns holes into repairs, the newest first: what was lost last is missed most. A hole has one open part for as long as
 * it is one; its pauses grow there, and there it is given up.
 */
export class RepairPlanner {
  readonly #options: RepairPlannerOptions;

  constructor(options: RepairPlannerOptions) {
    this.#options = options;
  }

  /** True when something is to be read. Never rejects. */
  async plan(connections: readonly AttendedConnection[]): Promise<boolean> {
    const { store, repairAfterMs, log } = this.#options;
    if (connections.length === 0) return false;
    try {
      const ids = connections.map(({ lease }) => lease.connectionId);
      const holes = await store.holes(ids, { minAgeMs: repairAfterMs, limit: HOLES });
      const byConnection = Map.groupBy(holes, ({ connectionId }) => connectionId);
      const plans = connections.map((connection) => {
        const own = byConnection.get(connection.lease.connectionId) ?? [];
        return own.length > 0 && connection.lease.valid() ? this.#plan(connection, own) : false;
      });
      return (await Promise.all(plans)).some((planned) => planned);
    } catch (error) {
      log.debug({ err: error }, 'repairs could not be planned');
      return false;
    }
  }

  async #plan(connection: AttendedConnection, holes: readonly CoverageHole[]): Promise<boolean> {
    const { store, clock, log } = this.#options;
    const { lease, workspace } = connection;
    const { connectionId } = lease;
    if (!canRead(connection)) {
      await store.settle(lease, holes.map(lostForGood));
      return false;
    }
    const open = await store.openRepairs(connectionId);
    const lately = (await store.repairsLately(connectionId)).map((part) => ({ ...part, subject: subjectOf(part) }));
    const parts: NewPart[] = [];
    for (const hole of holes) {
      const room = MOST_OPEN - open.length - parts.length;
      if (room <= 0) break;
      const ended = { ...hole, toMs: Math.min(hole.toMs, clock.now()) };
      if (ended.toMs <= ended.fromMs) continue;
      const wanted = await this.#partsOf(ended, connection, [...open, ...parts]);
      const turns = Map.groupBy(wanted, (part) => turnOf({ ...part, subject: subjectOf(part) }, lately, clock.now()));
      await store.settle(lease, (turns.get('never') ?? []).flatMap(stillMissing));
      parts.push(...(turns.get('now') ?? []).slice(0, room));
    }
    if (parts.length === 0) return false;
    const calls = parts.reduce((sum, part) => sum + part.estimatedCalls, 0);
    const draft = { workspace, connectionId, kind: 'repair', onlyGaps: true, ...hullOf(parts), parts } as const;
    const id = await store.plan({ ...draft, estimate: { calls, ms: 0 } }, lease.epoch);
    if (id !== undefined)
      log.info({ connection: connectionId, backfillId: id, parts: parts.length }, 'a repair is planned');
    return id !== undefined;
  }

  async #partsOf(
    hole: CoverageHole,
    connection: AttendedConnection,
    taken: readonly (OpenPart | NewPart)[],
  ): Promise<NewPart[]> {
    const streamPart = streamPartOf(hole.source);
    if (streamPart !== undefined && this.#options.clock.now() - hole.statedAtMs < STREAMS_OWN_MS) return [];
    if (streamPart !== undefined && connection.adapter.stream?.repair) {
      const part = { streamPart, fromMs: hole.fromMs, toMs: hole.toMs, estimatedCalls: 1 };
      return isTaken(part, taken) ? [] : [part];
    }
    if (!connection.adapter.telemetry?.history) return [];
    return this.#byDevice(hole, connection, taken);
  }

  async #byDevice(
    hole: CoverageHole,
    connection: AttendedConnection,
    taken: readonly (OpenPart | NewPart)[],
  ): Promise<NewPart[]> {
    const { connectionId } = connection.lease;
    const natives = new Map(connection.devices().map((native) => [deviceId(connectionId, native), native]));
    const deviceIds = hole.deviceId === null ? [...natives.keys()] : [hole.deviceId];
    const signal = hole.signal === null ? {} : { signal: hole.signal };
    const query = { connectionId, deviceIds, fromMs: hole.fromMs, toMs: hole.toMs, ...signal };
    const missing = await this.#options.store.missingOf(query);
    if (hole.deviceId === null && natives.size > 0 && [...missing.values()].every(({ length }) => length === 0)) {
      await this.#options.store.madeUp(connection.lease, hole.id);
    }
    return [...missing].flatMap(([id, ranges]) => {
      const nativeId = natives.get(id);
      if (nativeId === undefined) return [];
      const cost = (range: TimeRange) =>
        connection.adapter.telemetry?.historyCost?.({ device: nativeId, ...range }) ?? usualCost(range);
      return ranges
        .flatMap((range) => cutGap(range, cost))
        .map(({ fromMs, toMs, calls }) => ({ deviceId: id, nativeId, fromMs, toMs, estimatedCalls: calls }))
        .filter((part) => !isTaken(part, taken));
    });
  }
}

/** '' for a stream of one part; undefined for what is no stream. */
const streamPartOf = (source: string): string | undefined =>
  source === 'stream' ? '' : source.startsWith('stream/') ? source.slice('stream/'.length) : undefined;

const subjectOf = (part: OpenPart | NewPart): string =>
  'deviceId' in part && part.deviceId !== undefined
    ? part.deviceId
    : `stream/${'streamPart' in part ? part.streamPart : ''}`;

const isTaken = (part: NewPart, taken: readonly (OpenPart | NewPart)[]): boolean =>
  taken.some((other) => subjectOf(other) === subjectOf(part) && other.fromMs < part.toMs && part.fromMs < other.toMs);

const hullOf = (parts: readonly TimeRange[]): TimeRange => ({
  fromMs: Math.min(...parts.map(({ fromMs }) => fromMs)),
  toMs: Math.max(...parts.map(({ toMs }) => toMs)),
});

/** Of a device. What a stream leaves missing rests until the last of its repairs is a day old. */
const stillMissing = (part: NewPart): SpanStatement[] =>
  'deviceId' in part
    ? [
        {
          ...{ deviceId: part.deviceId, fromMs: part.fromMs, toMs: part.toMs, source: 'backfill' },
          ...{ state: 'unrecoverable', reason: `it was read ${MOST_READS} times, and is missing all the same` },
        },
      ]
    : [];

const lostForGood = (hole: CoverageHole) => ({
  deviceId: hole.deviceId,
  spaceId: hole.spaceId,
  signal: hole.signal,
  fromMs: hole.fromMs,
  toMs: hole.toMs,
  state: 'unrecoverable' as const,
  source: hole.source,
  reason: 'the platform keeps no history',
});
