/** Providers take none that are wider or higher. */
export const MAX_SIDE_PIXELS = 8_000;

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

/** What an image is by its own bytes; what a server says of it is not asked. */
export interface ImageKind {
  readonly mimeType: ImageType;
  readonly width: number;
  readonly height: number;
}

/** Undefined for what is none of the kinds, or breaks off before its size. */
export function imageKindOf(bytes: Buffer): ImageKind | undefined {
  try {
    return readers.map((read) => read(bytes)).find((kind) => kind !== undefined);
  } catch {
    return undefined;
  }
}

const readers: readonly ((bytes: Buffer) => ImageKind | undefined)[] = [
  (bytes) =>
    startsWith(bytes, '\x89PNG\r\n\x1a\n')
      ? { mimeType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
      : undefined,
  (bytes) =>
    startsWith(bytes, 'GIF8')
      ? { mimeType: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
      : undefined,
  jpeg,
  webp,
];

function startsWith(bytes: Buffer, start: string): boolean {
  return bytes.toString('latin1', 0, start.length) === start;
}

/** The size stands in the first frame; before it there are other segments, each with its length. */
function jpeg(bytes: Buffer): ImageKind | undefined {
  if (!startsWith(bytes, '\xff\xd8\xff')) return undefined;
  for (let at = 2; ; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!isFrame) continue;
    const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
    return { mimeType: 'image/jpeg', width, height };
  }
}

function webp(bytes: Buffer): ImageKind | undefined {
  if (!startsWith(bytes, 'RIFF') || bytes.toString('latin1', 8, 12) !== 'WEBP') return undefined;
  const mimeType = 'image/webp';
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { mimeType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const sizes = bytes.readUInt32LE(21);
      return { mimeType, width: (sizes & 0x3fff) + 1, height: ((sizes >>> 14) & 0x3fff) + 1 };
    }
    default: {
      const [width, height] = [bytes.readUInt16LE(26), bytes.readUInt16LE(28)];
      return { mimeType, width: width & 0x3fff, height: height & 0x3fff };
    }
  }
}
