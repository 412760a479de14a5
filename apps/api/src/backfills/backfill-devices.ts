import { Inject, Injectable } from '@nestjs/common';
import type { BackfillDraft } from '@tributary/contracts';
import { DEVICE_VISIBLE, deviceList } from '../devices/device-rows.ts';
import { HOUSE, type House } from '../house.ts';
import { badRequest, ProblemError } from '../http/problem-error.ts';
import { filterToSql } from '../lists/filter-sql.ts';
import { readFilter } from '../lists/read-filter.ts';
import { Parameters } from '../lists/sql.ts';

export interface BackfillDevice {
  id: string;
  nativeId: string;
  series: number;
  /** As many as there were in the last hour that is stored; 0 where nothing is. */
  pointsPerMs: number;
}

const MOST = 1_000;
const HOUR_MS = 3_600_000;

/** Which devices a backfill is about. */
@Injectable()
export class BackfillDevices {
  constructor(@Inject(HOUSE) private readonly house: House) {}

  /** Throws a 400 that names devices that are not the connection's, and a 422 where there are too many. */
  async chosen(workspace: string, draft: BackfillDraft): Promise<BackfillDevice[]> {
    const parameters = new Parameters();
    const where = [
      `d.workspace_id = ${parameters.add(workspace, 'text')}`,
      `d.connection_id = ${parameters.add(draft.connectionId, 'text')}`,
      `d.state <> 'removed'`,
      DEVICE_VISIBLE,
    ];
    if (draft.devices) where.push(`d.id = any(${parameters.add(draft.devices, 'text[]')})`);
    if (draft.filter !== undefined) {
      where.push(readFilter(draft.filter, (tree) => filterToSql(tree, deviceList.filter, parameters), '/body/filter'));
    }
    const { rows } = await this.house.db.pool.query<{ id: string; native_id: string }>(
      `select d.id, d.native_id from ${deviceList.from} where ${where.join(' and ')} order by d.id limit ${MOST + 1}`,
      parameters.values,
    );
    if (rows.length > MOST) {
      throw new ProblemError('unprocessable', `A backfill reads up to ${MOST} devices; choose some of them.`);
    }
    const known = new Set(rows.map(({ id }) => id));
    const faults = (draft.devices ?? []).flatMap((id, at) =>
      known.has(id) ? [] : [{ pointer: `/body/devices/${at}`, detail: 'is no device of this connection' }],
    );
    if (faults.length > 0) throw badRequest(faults);
    return this.#measured(rows.map(({ id, native_id: nativeId }) => ({ id, nativeId })));
  }

  async #measured(devices: readonly { id: string; nativeId: string }[]): Promise<BackfillDevice[]> {
    if (devices.length === 0) return [];
    const { rows } = await this.house.db.pool.query<{ device_id: string; series: number; points: number }>(
      `select s.device_id, count(*)::int as series, coalesce(sum(r.points), 0)::float8 as points
       from series s join series_latest l on l.series_id = s.id
       cross join lateral (
         select count(*) as points from point p
         where p.series_id = s.id and p.ts > l.ts - interval '1 hour' and p.ts <= l.ts
       ) r
       where s.device_id = any($1::text[]) group by s.device_id`,
      [devices.map(({ id }) => id)],
    );
    const found = new Map(rows.map((row) => [row.device_id, row]));
    return devices.map((device) => {
      const { series = 0, points = 0 } = found.get(device.id) ?? {};
      return { ...device, series, pointsPerMs: points / HOUR_MS };
    });
  }
}
