import { ATTACHMENT_MAX_BYTES } from '@skynet/contracts';
import { attachmentName, bytesOfBase64, mediaTypeOf } from '@skynet/platform';
import { isRecord } from '../records.js';
import type { ToolFile } from '../tool-server.port.js';

/** Of one result. */
const MAX_FILES = 10;
const MAX_TOTAL_BYTES = 2 * ATTACHMENT_MAX_BYTES;

type Raw = Readonly<Record<string, unknown>>;

/** Takes what of one result is no text and is not shown as an image, as far as it is bounded. */
export class ToolFiles {
  readonly taken: ToolFile[] = [];
  private bytes = 0;

  /** Why the block's bytes are not taken; undefined when they are, or when the block has none. */
  take(block: unknown): string | undefined {
    const { data, mediaType, name } = fileIn(block) ?? {};
    if (data === undefined) return undefined;
    if (data.length > (ATTACHMENT_MAX_BYTES / 3) * 4 + 4)
      return `over ${ATTACHMENT_MAX_BYTES} bytes`;
    if (this.taken.length === MAX_FILES) return `only ${MAX_FILES} files of one answer are kept`;
    const bytes = bytesOfBase64(data);
    if (bytes === undefined) return 'it is no base64';
    if (bytes.length === 0) return 'it is empty';
    if (this.bytes + bytes.length > MAX_TOTAL_BYTES) {
      return `the files of one answer are over ${MAX_TOTAL_BYTES} bytes`;
    }
    this.bytes += bytes.length;
    const shown = attachmentName(name);
    const type = mediaTypeOf(bytes, mediaType);
    this.taken.push({ bytes, mediaType: type, ...(shown !== undefined && { name: shown }) });
    return undefined;
  }
}

interface RawFile {
  readonly data: string;
  readonly mediaType?: string;
  readonly name?: string;
}

function fileIn(block: unknown): RawFile | undefined {
  if (!isRecord(block)) return undefined;
  const { type, resource } = block;
  if (type === 'image' || type === 'audio') return rawFile(block, block['data'], undefined);
  if (type !== 'resource' || !isRecord(resource)) return undefined;
  return rawFile(resource, resource['blob'], resource['uri']);
}

function rawFile({ mimeType }: Raw, data: unknown, uri: unknown): RawFile | undefined {
  if (typeof data !== 'string') return undefined;
  return {
    data,
    ...(typeof mimeType === 'string' && { mediaType: mimeType }),
    ...(typeof uri === 'string' && { name: uri.split(/[?#]/)[0] ?? '' }),
  };
}
