import { Inject, Injectable } from '@nestjs/common';
import { type CoverageInterval, CoverageReader } from '@tributary/database';
import { HOUSE, type House } from '../house.ts';
import { bindingOf, readCursor, writeCursor } from '../lists/cursor.ts';
import { presentInterval, presentSummary, type Range } from './coverage-rows.ts';

/** A series as it is asked for. */
export interface CoveredSeries {
  seriesId: string;
  deviceId: string;
  connectionId: string;
  signal: string;
}

interface DeviceRow {
  id: string;
  native_id: string;
  name: string;
}

export interface CoverageListQuery {
  workspace: string;
  connectionId: string;
  range: Range;
  limit: number;
  cursor?: string | undefined;
}

const KEY_TYPES = ['text', 'text', 'bigint', 'bigint'] as const;
const MOST_HOLES = 10;

/** Reads coverage of a workspace. */
@Injectable()
export class CoverageStore {
  readonly #house: House;
  readonly #reader: CoverageReader;

  constructor(@Inject(HOUSE) house: House) {
    this.#house = house;
    this.#reader = new CoverageReader(house.db.pool);
  }

  async ofDevice(
    { connectionId, deviceId, signal }: { connectionId: string; deviceId: string; signal?: string | undefined },
    range: Range,
  ): Promise<CoverageInterval[]> {
    const found = await this.#reader.intervals({ connectionId, deviceIds: [deviceId], signal, ...range });
    return found.get(deviceId) ?? [];
  }

  /** Whether the points of these series are all there are, with the first holes by time. */
  async note(series: readonly CoveredSeries[], range: Range) {
    const alike = Map.groupBy(series, ({ connectionId, signal }) => JSON.stringify([connectionId, signal]));
    const found = await Promise.all([...alike.values()].map((group) => this.#holesOf(group, range)));
    const holes = found.flat().toSorted((a, b) => a.fromMs - b.fromMs);
    return {
      complete: holes.length === 0,
      holes: holes.slice(0, MOST_HOLES).map((hole) => ({ seriesId: hole.seriesId, ...presentInterval(hole) })),
    };
  }

  /** Of series of one connection and signal. */
  async #holesOf(group: readonly CoveredSeries[], range: Range): Promise<(CoverageInterval & { seriesId: string })[]> {
    const [first] = group;
    if (!first) return [];
    const { connectionId, signal } = first;
    const deviceIds = group.map(({ deviceId }) => deviceId);
    const intervals = await this.#reader.intervals({ connectionId, deviceIds, signal, ...range });
    return group.flatMap(({ seriesId, deviceId }) =>
      (intervals.get(deviceId) ?? []).flatMap((one) => (one.state === 'complete' ? [] : [{ ...one, seriesId }])),
    );
  }

  /** The range that a cursor was made for, so that one that ended "now" does not move on between pages. */
  rangeOf({ workspace, connectionId }: Pick<CoverageListQuery, 'workspace' | 'connectionId'>, cursor: string): Range {
    const [, , fromMs, toMs] = readCursor(cursor, bindingOf('coverage', workspace, connectionId), KEY_TYPES);
    return { fromMs: Number(fromMs), toMs: Number(toMs) };
  }

  /** Devices of a connection by name. Throws 400 for a cursor of another list. */
  async page({ workspace, connectionId, range, limit, cursor }: CoverageListQuery) {
    const binding = bindingOf('coverage', workspace, connectionId);
    const [name, id] = cursor === undefined ? [null, null] : readCursor(cursor, binding, KEY_TYPES);
    const { rows } = await this.#house.db.pool.query<DeviceRow>(
      `select id, native_id, name from device
       where workspace_id = $1 and connection_id = $2 and state <> 'removed'
         and ($3::text is null or (name collate "C", id) > ($3 collate "C", $4))
       order by name collate "C", id limit $5`,
      [workspace, connectionId, name, id, limit + 1],
    );
    const devices = rows.slice(0, limit);
    const deviceIds = devices.map((device) => device.id);
    const intervals = await this.#reader.intervals({ connectionId, deviceIds, ...range });
    const items = devices.map((device) => ({
      deviceId: device.id,
      nativeId: device.native_id,
      name: device.name,
      ...presentSummary(range, intervals.get(device.id) ?? []),
    }));
    const last = devices.at(-1);
    if (rows.length <= limit || !last) return { items };
    const position = [last.name, last.id, String(range.fromMs), String(range.toMs)];
    return { items, nextCursor: writeCursor(binding, position) };
  }
}
