import type { Titled } from './contract/strategy.port.js';

const FRAME_BYTES = 128;

/** Texts under their titles, the longest ones cut so that all together are no more than so many bytes. */
export function fittedTexts(texts: readonly Titled[], bytes: number): string {
  if (texts.length === 0) return '';
  const room = Math.max(0, bytes - texts.length * FRAME_BYTES);
  const sizes = texts.map(({ title, text }) => Buffer.byteLength(title) + Buffer.byteLength(text));
  const most = longestFitting(sizes, room);
  return texts
    .map(({ title, text }) => `### ${title}\n\n${cut(text, most - Buffer.byteLength(title))}`)
    .join('\n\n');
}

/** The largest size to which all can be cut so that their sum fits. */
function longestFitting(sizes: readonly number[], room: number): number {
  let left = room;
  const sorted = sizes.toSorted((one, other) => one - other);
  for (const [at, size] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - at));
    if (size > share) return share;
    left -= size;
  }
  return Infinity;
}

function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const kept = Buffer.from(text)
    .subarray(0, Math.max(0, bytes))
    .toString()
    .replace(/\uFFFD$/, '');
  return `${kept}\n[${text.length - kept.length} more characters left out]`;
}
