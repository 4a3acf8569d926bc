/** Bytes that came within a text. */
export interface InlineData {
  readonly bytes: Buffer;
  readonly mediaType?: string;
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Of the usual and the URL alphabet, with or without padding and line breaks. Undefined for what is none. */
export function bytesOfBase64(text: string): Buffer | undefined {
  const dense = text.replace(/\s/g, '');
  if (!BASE64.test(dense)) return undefined;
  const padding = dense.endsWith('==') ? 2 : Number(dense.endsWith('='));
  return (dense.length - padding) % 4 === 1 ? undefined : Buffer.from(dense, 'base64');
}

/** What a data: URI holds. Undefined for what is none. */
export function dataOfUri(uri: string): InlineData | undefined {
  const comma = uri.indexOf(',');
  const head = /^data:([^,]*)$/i.exec(uri.slice(0, Math.max(comma, 0)))?.[1];
  if (head === undefined) return undefined;
  const isBase64 = /;\s*base64\s*$/i.test(head);
  const body = uri.slice(comma + 1);
  const bytes = isBase64 ? bytesOfBase64(unescaped(body)) : Buffer.from(unescaped(body), 'latin1');
  const mediaType = head.split(';')[0]?.trim() || 'text/plain';
  return bytes === undefined ? undefined : { bytes, mediaType };
}

/** Each character is a byte; what is written as it is counts as UTF-8. */
function unescaped(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
