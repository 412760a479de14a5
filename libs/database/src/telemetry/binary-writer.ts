/** Microseconds from 1970 to 2000, where Postgres begins to count. */
const EPOCH_US = 946_684_800_000_000;
const TWO_32 = 4_294_967_296;

/** Writes what Postgres reads: network byte order, lengths before values. */
export class BinaryWriter {
  bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** Room for `size` more bytes. */
  reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  int16(value: number): void {
    this.at = this.bytes.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  null(): void {
    this.int32(-1);
  }

  /** `us` counts from 1970; split into halves, because BigInt costs ten times as much. */
  timestamp(us: number): void {
    const shifted = us - EPOCH_US;
    const high = Math.floor(shifted / TWO_32);
    this.int32(8);
    this.at = this.bytes.writeInt32BE(high, this.at);
    this.at = this.bytes.writeUInt32BE(shifted - high * TWO_32, this.at);
  }

  bigint(value: bigint): void {
    this.int32(8);
    this.at = this.bytes.writeBigInt64BE(value, this.at);
  }

  double(value: number): void {
    this.int32(8);
    this.at = this.bytes.writeDoubleBE(value, this.at);
  }

  integer(value: number): void {
    this.int32(4);
    this.int32(value);
  }

  boolean(value: boolean): void {
    this.int32(1);
    this.at = this.bytes.writeUInt8(value ? 1 : 0, this.at);
  }

  /** `prefix` is the version byte of jsonb. */
  text(value: string, prefix?: number): void {
    const size = Buffer.byteLength(value);
    const prefixed = prefix === undefined ? 0 : 1;
    this.reserve(size + 16);
    this.int32(size + prefixed);
    if (prefix !== undefined) this.at = this.bytes.writeUInt8(prefix, this.at);
    this.at += this.bytes.write(value, this.at, 'utf8');
  }
}
