const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const LEAST_BYTES = 1_024;
/** UTF-8 of one UTF-16 unit at most. */
const UNIT_BYTES = 3;
const VARINT_MAX_BYTES = 10;
/** Lengths below it take one byte. */
const SHORT = 0x80;
const UINT32_MAX = 0xff_ff_ff_ff;

/**
 * Writes protocol buffers into one buffer that grows.
 * https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufWriter {
  private buffer: Buffer;
  private at = 0;

  /** `bytes`: about how many there will be. */
  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(bytes, LEAST_BYTES));
  }

  /** What was written so far. */
  written(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }

  /** Begins a message; `end` takes what this returns. */
  begin(field: number): number {
    this.tag(field, LENGTH_DELIMITED);
    this.room(1);
    return this.at++;
  }

  end(start: number): void {
    const length = this.at - start - 1;
    if (length < SHORT) {
      this.buffer[start] = length;
      return;
    }
    const more = bytesOfVarint(length) - 1;
    this.room(more);
    this.buffer.copyWithin(start + 1 + more, start + 1, this.at);
    this.at = start;
    this.unsigned(length);
    this.at += length;
  }

  text(field: number, text: string): void {
    this.tag(field, LENGTH_DELIMITED);
    const most = text.length * UNIT_BYTES;
    this.room(VARINT_MAX_BYTES + most);
    if (most < SHORT) {
      const written = this.buffer.write(text, this.at + 1);
      this.buffer[this.at] = written;
      this.at += 1 + written;
      return;
    }
    this.unsigned(Buffer.byteLength(text));
    this.at += this.buffer.write(text, this.at);
  }

  /** `hex`: two digits a byte. */
  bytes(field: number, hex: string): void {
    this.tag(field, LENGTH_DELIMITED);
    const length = hex.length >>> 1;
    this.room(VARINT_MAX_BYTES + length);
    this.unsigned(length);
    this.at += this.buffer.write(hex, this.at, 'hex');
  }

  /** A whole number of 64 bits. */
  integer(field: number, value: number): void {
    this.tag(field, VARINT);
    this.room(VARINT_MAX_BYTES);
    if (value >= 0 && value <= UINT32_MAX) return this.unsigned(value);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= SHORT) {
      this.buffer[this.at++] = Number(rest & 0x7fn) | SHORT;
      rest >>= 7n;
    }
    this.buffer[this.at++] = Number(rest);
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.room(8);
    this.at = this.buffer.writeDoubleLE(value, this.at);
  }

  fixed64(field: number, low: number, high: number): void {
    this.tag(field, FIXED64);
    this.room(8);
    this.at = this.buffer.writeUInt32LE(low, this.at);
    this.at = this.buffer.writeUInt32LE(high, this.at);
  }

  fixed32(field: number, value: number): void {
    this.tag(field, FIXED32);
    this.room(4);
    this.at = this.buffer.writeUInt32LE(value, this.at);
  }

  private tag(field: number, wireType: number): void {
    this.room(VARINT_MAX_BYTES);
    this.unsigned((field << 3) | wireType);
  }

  /** Below 2^32, where there is room. */
  private unsigned(value: number): void {
    let rest = value;
    while (rest >= SHORT) {
      this.buffer[this.at++] = (rest & 0x7f) | SHORT;
      rest >>>= 7;
    }
    this.buffer[this.at++] = rest;
  }

  private room(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }
}

function bytesOfVarint(value: number): number {
  let bytes = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes += 1;
  return bytes;
}
