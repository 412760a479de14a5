import type pg from 'pg';
import { countsByConnection, totalOf } from '../conservation/batch-account.ts';
import { inRehearsal } from '../in-rehearsal.ts';
import type { CommitReport, TelemetryBatch } from './batch.ts';
import { readBatch, type TimeRules } from './batch-reader.ts';
import { mergeRows } from './merge-path.ts';
import { dayOf, type Partitions } from './partitions.ts';
import { CORRECTED, INSERTED } from './point-rows.ts';
import { SeriesResolver } from './series-resolver.ts';

/** Series of one rehearsal; it has a memory of its own, because what it makes is undone. */
const MAX_SERIES = 10_000;

/**
 * What committing the batch now would report: the statements of a commit, in a transaction that is rolled back. Rejects as
 * a commit would. Points of days that have no partition yet would all be new, and are not written even here: making one
 * would lock out everybody else.
 */
export async function rehearse(
  pool: pg.Pool,
  batch: TelemetryBatch,
  { partitions, ...rules }: TimeRules & { partitions: Partitions },
): Promise<CommitReport> {
  await partitions.refresh();
  return inRehearsal(pool, async (db) => {
    const client = await db.pool.connect();
    const devices = await new SeriesResolver(client, MAX_SERIES).resolve(batch.groups);
    const { rows, refused } = readBatch(batch, devices, rules);
    const all = rows.order;
    for (const row of all) rows.outcome[row] = rows.wave[row] === 0 ? INSERTED : CORRECTED;
    rows.order = all.filter((row) => partitions.has(dayOf((rows.tsUs[row] as number) / 1_000)));
    if (rows.order.length > 0) await mergeRows(client, rows);
    rows.order = all;
    const connections = countsByConnection(batch.groups, rows);
    return { ...totalOf(connections), connections, refused, path: 'none' };
  });
}
