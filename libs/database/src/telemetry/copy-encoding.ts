import { BinaryWriter } from './binary-writer.ts';
import { BOOLEAN, JSON_VALUE, NUMBER, type PointRows } from './point-rows.ts';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const HEADER_BYTES = SIGNATURE.length + 8;
/** Everything of a row but the bytes of text: field count, nine lengths, ts, rev, number, series, wave, place. */
const ROW_BYTES = 2 + 9 * 4 + 8 + 8 + 8 + 4 + 4 + 4;

/** Columns in the order in which they are encoded. */
export const POINT_COLUMNS = 'ts, rev, number, series_id, boolean, text, json';

/** The rows, in order, as a block of binary COPY; for the merge with their wave and their place in the order. */
export function encodeCopy(rows: PointRows, forMerge: boolean): Buffer {
  const writer = new BinaryWriter(HEADER_BYTES + rows.order.length * ROW_BYTES + 2);
  writer.at += SIGNATURE.copy(writer.bytes);
  writer.int32(0);
  writer.int32(0);
  let place = 0;
  for (const row of rows.order) {
    writer.reserve(ROW_BYTES + 2);
    writer.int16(forMerge ? 9 : 7);
    writer.timestamp(rows.tsUs[row] as number);
    writer.bigint(rows.rev[row] as bigint);
    writeValueAndSeries(writer, rows, row);
    if (!forMerge) continue;
    writer.integer(rows.wave[row] as number);
    writer.integer(place++);
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
