import { isUtf8 } from 'node:buffer';

/** A payload in JSON: a text as it is, anything else in base64. */
interface PayloadContent {
  readonly text?: string | undefined;
  readonly base64?: string | undefined;
}

export function contentOfPayload(bytes: Buffer): PayloadContent {
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
}

/** The text, or the bytes, as `PayloadStore.put` takes them. */
export function payloadOfContent({ text, base64 }: PayloadContent): string | Buffer {
  return base64 === undefined ? (text ?? '') : Buffer.from(base64, 'base64');
}
