import { isRecord } from '../records.js';
import type { ToolImage } from '../tool-server.port.js';
import { imageKindOf, MAX_SIDE_PIXELS } from '@skynet/platform';

/** Of one result. */
const MAX_IMAGES = 10;
/** What providers take of one image, base64. */
const MAX_CHARS = 5 * 1_024 * 1_024;

/** Takes the images of one result for models that see, as far as they are bounded. */
export class ToolImages {
  readonly taken: ToolImage[] = [];

  /** Why the block's image is not taken; undefined when it is, or when the block is none. */
  take(block: unknown): string | undefined {
    const data = imageDataIn(block);
    if (data === undefined) return undefined;
    if (data.length > MAX_CHARS) return `larger than ${MAX_CHARS} base64 characters`;
    if (this.taken.length === MAX_IMAGES) return `only ${MAX_IMAGES} of one answer are shown`;
    const bytes = Buffer.from(data, 'base64');
    const kind = imageKindOf(bytes);
    if (kind === undefined) return 'neither png, jpeg, gif nor webp';
    const { mimeType, width, height } = kind;
    if (Math.max(width, height) > MAX_SIDE_PIXELS || Math.min(width, height) === 0) {
      return `${width} × ${height} pixels; at most ${MAX_SIDE_PIXELS} are shown`;
    }
    this.taken.push({ mimeType, data: bytes.toString('base64') });
    return undefined;
  }
}

/** Base64 of an image block, or of an embedded resource that is an image. */
function imageDataIn(block: unknown): string | undefined {
  if (!isRecord(block)) return undefined;
  const { type, data, resource } = block;
  if (type === 'image' && typeof data === 'string') return data;
  if (type !== 'resource' || !isRecord(resource)) return undefined;
  const { mimeType, blob } = resource;
  const isImage = typeof mimeType === 'string' && mimeType.startsWith('image/');
  return isImage && typeof blob === 'string' ? blob : undefined;
}
