/** A message of Protocol Buffers: values by the number of their field, in order. */
export class ProtobufFields {
  readonly #values = new Map<number, (bigint | Buffer)[]>();
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    while (this.#at < bytes.length) {
      const tag = Number(this.#varint());
      const values = this.#values.get(tag >> 3) ?? [];
      this.#values.set(tag >> 3, values);
      values.push(this.#value(tag & 7));
    }
  }

  has(field: number): boolean {
    return this.#values.has(field);
  }

  number(field: number): bigint {
    const value = this.#values.get(field)?.at(-1) ?? 0n;
    if (typeof value !== 'bigint') throw new Error(`field ${field} is no number`);
    return value;
  }

  bytes(field: number): Buffer {
    return this.#all(field).at(-1) ?? Buffer.alloc(0);
  }

  text(field: number): string {
    return this.bytes(field).toString();
  }

  messages(field: number): ProtobufFields[] {
    return this.#all(field).map((bytes) => new ProtobufFields(bytes));
  }

  #all(field: number): Buffer[] {
    return (this.#values.get(field) ?? []).map((value) => {
      if (typeof value === 'bigint') throw new Error(`field ${field} is a number`);
      return value;
    });
  }

  #value(wireType: number): bigint | Buffer {
    if (wireType === 0) return this.#varint();
    if (wireType === 1) return this.#take(8).readBigUInt64LE();
    if (wireType === 2) return this.#take(Number(this.#varint()));
    if (wireType === 5) return BigInt(this.#take(4).readUInt32LE());
    throw new Error(`wire type ${wireType} at byte ${this.#at}`);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#take(1).readUInt8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('the message ends too early');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }
}
