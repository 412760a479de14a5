import { BinaryWriter } from './binary-writer.ts';
import { BOOLEAN, JSON_VALUE, NUMBER, type PointRows } from './point-rows.ts';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
/** Everything of a row but the bytes of text: field count, seven lengths, ts, rev, number, series, wave. */
const ROW_BYTES = 2 + 8 * 4 + 8 + 8 + 8 + 4 + 4;

/** Columns in the order in which they are encoded. */
export const POINT_COLUMNS = 'ts, rev, number, series_id, boolean, text, json';

/** The rows, in order, as a block of binary COPY; with the wave as an eighth column for the merge. */
export function encodeCopy(rows: PointRows, withWave: boolean): Buffer {
  const writer = new BinaryWriter(HEADER_BYTES + rows.order.length * ROW_BYTES + 2);
  writer.at += SIGNATURE.copy(writer.bytes);
  writer.int32(0);
  writer.int32(0);
  for (const row of rows.order) {
    writer.reserve(ROW_BYTES + 2);
    writer.int16(withWave ? 8 : 7);
    writer.timestamp(rows.tsUs[row] as number);
    writer.bigint(rows.rev[row] as bigint);
    writeValueAndSeries(writer, rows, row);
    if (withWave) writer.integer(rows.wave[row] as number);
  }
  writer.reserve(2);
  writer.int16(-1);
  return writer.bytes.subarray(0, writer.at);
}

function writeValueAndSeries(writer: BinaryWriter, rows: PointRows, row: number): void {
  const kind = rows.kind[row] as number;
  if (kind === NUMBER) writer.double(rows.number[row] as number);
  else writer.null();
  writer.integer(rows.series[row] as number);
  if (kind === BOOLEAN) writer.boolean(rows.number[row] === 1);
  else writer.null();
  if (kind <= BOOLEAN) {
    writer.null();
    writer.null();
    return;
  }
  const text = rows.text[row] ?? '';
  if (kind === JSON_VALUE) {
    writer.null();
    writer.text(text, 1);
  } else {
    writer.text(text);
    writer.reserve(ROW_BYTES);
    writer.null();
  }
  writer.reserve(ROW_BYTES);
}
