import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { encodeCopy, POINT_COLUMNS } from './copy-encoding.ts';
import { upsertLatestFromRows } from './latest.ts';
import type { PointRows } from './point-rows.ts';

/** Straight into the table. Fails with 23505, leaving nothing, when one of the identities exists already. */
export async function copyRows(client: pg.PoolClient, rows: PointRows): Promise<void> {
  await sendCopy(client, `copy point (${POINT_COLUMNS}) from stdin with (format binary)`, encodeCopy(rows, false));
  await upsertLatestFromRows(client, rows);
}

export async function sendCopy(client: pg.PoolClient, statement: string, bytes: Buffer): Promise<void> {
  await pipeline([bytes], client.query(copyFrom(statement)));
}
