import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { answerQuestions } from '../measuring/child.ts';
import { pointsPerMessage, type Row, rowsOf, type Workload } from './workload.ts';

/**
 * The yardstick: COPY of rows that are encoded already, sorted by key, 5 000 a commit. It has no queue, no message to
 * read, no newest values, and no answer to a row that comes twice.
 */
export type CopyQuestion =
  | { prepare: { workload: Workload; format: 'text' | 'binary'; firstSeries: number } }
  | { run: { connections: number; table: string } };

const COMMIT_ROWS = 5_000;
const COLUMNS = 'ts, rev, number, series_id, boolean, text, json';
const EPOCH_US = 946_684_800_000_000n;

const url = process.env.DATABASE_URL ?? '';
const clients: pg.Client[] = [];
let blocks: Buffer[] = [];
let format: 'text' | 'binary' = 'binary';

answerQuestions<CopyQuestion, { seconds: number }>(async (question) => {
  if ('prepare' in question) {
    const { workload, firstSeries } = question.prepare;
    format = question.prepare.format;
    blocks = encodeAll(workload, firstSeries);
    return { seconds: 0 };
  }
  const { connections, table } = question.run;
  while (clients.length < connections) clients.push(await connected());
  const statement = `copy ${table} (${COLUMNS}) from stdin${format === 'binary' ? ' with (format binary)' : ''}`;
  const from = performance.now();
  let next = 0;
  const work = async (client: pg.Client) => {
    for (let block = blocks[next++]; block; block = blocks[next++]) {
      await pipeline([block], client.query(copyFrom(statement)));
    }
  };
  await Promise.all(clients.slice(0, connections).map(work));
  blocks = [];
  return { seconds: (performance.now() - from) / 1_000 };
});

async function connected(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

function encodeAll(workload: Workload, firstSeries: number): Buffer[] {
  const perCommit = Math.max(1, Math.floor(COMMIT_ROWS / pointsPerMessage(workload)));
  const all: Buffer[] = [];
  for (let from = 0; from < workload.messages; from += perCommit) {
    const rows = rowsOf(workload, from, Math.min(workload.messages, from + perCommit));
    const seriesOf = (row: Row) => firstSeries + row.device * workload.signals + row.signal;
    rows.sort((a, b) => seriesOf(a) - seriesOf(b) || a.tsMs - b.tsMs);
    all.push(format === 'binary' ? asBinary(rows, seriesOf) : asText(rows, seriesOf));
  }
  return all;
}

const revOf = (row: Row): bigint => BigInt(row.tsMs) * 1_000_000n;

const asText = (rows: Row[], seriesOf: (row: Row) => number): Buffer =>
  Buffer.from(
    rows
      .map((r) => `${new Date(r.tsMs).toISOString()}\t${revOf(r)}\t${r.value}\t${seriesOf(r)}\t\\N\t\\N\t\\N\n`)
      .join(''),
  );

const ROW_BYTES = 2 + (4 + 8) * 3 + (4 + 4) + 4 * 3;

function asBinary(rows: Row[], seriesOf: (row: Row) => number): Buffer {
  const bytes = Buffer.alloc(19 + rows.length * ROW_BYTES + 2);
  let at = bytes.write('PGCOPY\n\xff\r\n\0', 'latin1') + 8;
  const long = (value: bigint) => {
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeBigInt64BE(value, at);
  };
  for (const row of rows) {
    at = bytes.writeInt16BE(7, at);
    long(BigInt(row.tsMs) * 1_000n - EPOCH_US);
    long(revOf(row));
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeDoubleBE(row.value, at);
    at = bytes.writeInt32BE(4, at);
    at = bytes.writeInt32BE(seriesOf(row), at);
    for (let empty = 0; empty < 3; empty++) at = bytes.writeInt32BE(-1, at);
  }
  bytes.writeInt16BE(-1, at);
  return bytes;
}
