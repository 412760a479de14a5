import { LRUCache } from 'lru-cache';
import type { Queryable } from '../transaction.ts';
import type { PointGroup } from './batch.ts';
import { isStorableText, parseRev } from './point-rows.ts';

export interface SeriesEntry {
  readonly id: number;
  unit: string | null;
  unitRev: bigint;
  /** Time of the newest point this process knows of, microseconds since 1970; -Infinity while there is none. */
  newestUs: number;
}

/** A device whose connection and workspace are as its points say. */
export interface DeviceEntry {
  readonly workspace: string;
  readonly connectionId: string;
  readonly signals: Map<string, SeriesEntry>;
}

interface SeriesRow {
  device_id: string;
  signal: string;
  id: number;
  unit: string | null;
  unit_rev: string;
  newest_us: string | null;
}

/** Made for a device that sends before any discovery has listed it; a discovery fills in the rest. */
const ADD_DEVICES = `
  insert into device (id, workspace_id, platform, connection_id, native_id, name, state)
  select i.id, c.workspace_id, c.platform, c.id, i.native_id, i.native_id, 'unconfirmed'
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as i(id, workspace_id, connection_id, native_id)
  join connection c on c.id = i.connection_id and c.workspace_id = i.workspace_id
  where not exists (select 1 from device d where d.id = i.id)
  order by i.id
  on conflict do nothing`;

const READ_DEVICES =
  'select id, workspace_id as workspace, connection_id as "connectionId" from device where id = any($1)';

/** Look first: an insert that finds its row present would still use up a number. */
const ADD_SERIES = `
  insert into series (device_id, signal, unit, unit_rev)
  select i.device_id, i.signal, i.unit, case when i.unit is null then 0 else i.rev end
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as i(device_id, signal, unit, rev)
  where not exists (select 1 from series s where s.device_id = i.device_id and s.signal = i.signal)
  order by i.device_id, i.signal
  on conflict do nothing`;

const READ_SERIES = `
  select s.device_id, s.signal, s.id, s.unit, s.unit_rev, (extract(epoch from l.ts) * 1000000)::bigint as newest_us
  from unnest($1::text[], $2::text[]) as i(device_id, signal)
  join series s on s.device_id = i.device_id and s.signal = i.signal
  left join series_latest l on l.series_id = s.id`;

const SET_UNITS = `
  update series s set unit = i.unit, unit_rev = i.rev
  from (select * from unnest($1::int[], $2::text[], $3::bigint[]) as i(id, unit, rev) order by id) i
  where s.id = i.id and s.unit_rev < i.rev`;

/**
 * Numbers of series, and the rows behind them. What is not known is looked up, and made where it is missing, in at most
 * four statements however many series a batch has. Rows are made in order of their keys, so that callers never deadlock.
 * A cached number may outlive its row: the foreign key of `series_latest` finds out, and `forget` makes the next look fresh.
 */
export class SeriesResolver {
  readonly #pool: Queryable;
  readonly #devices: LRUCache<string, DeviceEntry>;

  constructor(pool: Queryable, maxSeries: number) {
    this.#pool = pool;
    this.#devices = new LRUCache({ maxSize: maxSeries, sizeCalculation: (device) => device.signals.size + 1 });
  }

  /** By device id. A device that is absent, or not of the group's connection, is not to be written to. */
  async resolve(all: readonly PointGroup[]): Promise<Map<string, DeviceEntry>> {
    const groups = all.filter(isStorable);
    const found = new Map<string, DeviceEntry>();
    for (const group of groups) {
      const device = this.#devices.get(group.deviceId);
      if (device) found.set(group.deviceId, device);
    }
    await this.#addDevices(groups, found);
    await this.#addSeries(groups, found);
    return found;
  }

  /** Looks these devices up anew next time. */
  forget(deviceIds: Iterable<string>): void {
    for (const id of deviceIds) this.#devices.delete(id);
  }

  /** Writes units that newer points have changed; a unit that an older point said changes nothing. */
  async setUnits(changes: Map<SeriesEntry, { unit: string; rev: bigint }>): Promise<void> {
    if (changes.size === 0) return;
    const list = [...changes];
    await this.#pool.query(SET_UNITS, [
      list.map(([series]) => series.id),
      list.map(([, change]) => change.unit),
      list.map(([, change]) => String(change.rev)),
    ]);
    for (const [series, change] of list) {
      series.unit = change.unit;
      series.unitRev = change.rev;
    }
  }

  async #addDevices(groups: readonly PointGroup[], found: Map<string, DeviceEntry>): Promise<void> {
    const missing = new Map(groups.filter((g) => !found.has(g.deviceId)).map((g) => [g.deviceId, g]));
    if (missing.size === 0) return;
    const list = [...missing.values()];
    const ids = list.map((g) => g.deviceId);
    let rows = await this.#readDevices(ids);
    if (rows.length < ids.length) {
      await this.#pool.query(ADD_DEVICES, [
        ids,
        list.map((g) => g.workspace),
        list.map((g) => g.connectionId),
        list.map((g) => g.nativeId),
      ]);
      rows = await this.#readDevices(ids);
    }
    for (const { id, workspace, connectionId } of rows) {
      found.set(id, { workspace, connectionId, signals: new Map() });
    }
  }

  async #readDevices(ids: string[]) {
    const { rows } = await this.#pool.query<{ id: string; workspace: string; connectionId: string }>(READ_DEVICES, [
      ids,
    ]);
    return rows;
  }

  async #addSeries(groups: readonly PointGroup[], found: Map<string, DeviceEntry>): Promise<void> {
    const missing = missingSeries(groups, found);
    if (missing.size === 0) return;
    const list = [...missing.values()];
    const devices = list.map((m) => m.deviceId);
    const signals = list.map((m) => m.signal);
    let rows = await this.#readSeries(devices, signals);
    if (rows.length < list.length) {
      await this.#pool.query(ADD_SERIES, [devices, signals, list.map((m) => m.unit ?? null), list.map((m) => m.rev)]);
      rows = await this.#readSeries(devices, signals);
    }
    for (const row of rows) {
      found.get(row.device_id)?.signals.set(row.signal, {
        id: row.id,
        unit: row.unit,
        unitRev: BigInt(row.unit_rev),
        newestUs: row.newest_us === null ? Number.NEGATIVE_INFINITY : Number(row.newest_us),
      });
    }
    // Set again, so that the cache weighs what has been added.
    for (const id of new Set(devices)) {
      const device = found.get(id);
      if (device) this.#devices.set(id, device);
    }
  }

  async #readSeries(devices: string[], signals: string[]): Promise<SeriesRow[]> {
    const { rows } = await this.#pool.query<SeriesRow>(READ_SERIES, [devices, signals]);
    return rows;
  }
}

/** Is the device what the group says it is? */
export const belongs = (device: DeviceEntry | undefined, group: PointGroup): device is DeviceEntry =>
  device !== undefined && device.connectionId === group.connectionId && device.workspace === group.workspace;

const isStorable = (group: PointGroup): boolean =>
  parseRev(group.rev) !== undefined && isStorableText(group.nativeId) && isStorableText(group.deviceId);

interface MissingSeries {
  deviceId: string;
  signal: string;
  unit: string | undefined;
  rev: string;
}

function missingSeries(groups: readonly PointGroup[], found: Map<string, DeviceEntry>): Map<string, MissingSeries> {
  const missing = new Map<string, MissingSeries>();
  for (const group of groups) {
    const device = found.get(group.deviceId);
    if (!belongs(device, group)) continue;
    for (const [signal, , , unit] of group.points) {
      if (device.signals.has(signal) || !isStorableText(signal)) continue;
      const key = `${group.deviceId} ${signal}`;
      const storableUnit = unit !== undefined && isStorableText(unit) ? unit : undefined;
      if (!missing.has(key)) missing.set(key, { deviceId: group.deviceId, signal, unit: storableUnit, rev: group.rev });
    }
  }
  return missing;
}
