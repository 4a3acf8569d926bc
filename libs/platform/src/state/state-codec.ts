import { decode, encode } from '@msgpack/msgpack';

/** MessagePack; keys whose value is undefined are left out. */
export function encodeState(value: unknown): Uint8Array {
  return encode(value, { ignoreUndefined: true });
}

/** The type is the caller's claim: one bucket holds values of one type. */
export function decodeState<Value>(bytes: Uint8Array): Value {
  return decode(bytes) as Value;
}
