import type { Attachment, Text } from '@skynet/contracts';
import { textBytes, type ConversationEntry, type StoredImage } from '@skynet/domain-agents';
import { imageKindOf, isShowable, MAX_SIDE_PIXELS, WorldError } from '@skynet/platform';
import type { ModelImage } from '../models/model.port.js';

/** Of one request: providers take few large ones, and with more than 20 smaller ones only. */
const MAX_IMAGES = 20;
const MAX_BYTES = 20 * 1_024 * 1_024;
/** What providers take of one image: 5 MiB in base64. */
const IMAGE_MAX_BYTES = (5 * 1_024 * 1_024 * 3) / 4;

/** In base64, as releases before wrote it, or as bytes. */
type Picture = StoredImage | Attachment;

export interface ShownImages {
  readonly images: readonly ModelImage[];
  /** A line for each that is not shown. */
  readonly remarks: readonly string[];
}

export interface ImageSource {
  read(text: Text): Promise<string>;
  /** Undefined when it is not there. */
  readBytes(content: Attachment['content']): Promise<Buffer | undefined>;
}

/** Which images a model that sees is shown: those of the task, and the last ones of the conversation. */
export class RequestImages {
  private readonly shown = new Set<Picture>();

  constructor(
    asked: {
      readonly attachments?: readonly Attachment[] | undefined;
      readonly conversation: readonly ConversationEntry[];
    },
    private readonly sees: boolean,
    private readonly source: ImageSource,
  ) {
    if (!sees) return;
    let bytes = 0;
    const ofTask = picturesIn(asked.attachments);
    for (const image of [...ofTask, ...asked.conversation.flatMap(picturesOf).toReversed()]) {
      if (isTooLarge(image)) continue;
      bytes += base64Bytes(image);
      if (this.shown.size === MAX_IMAGES || bytes > MAX_BYTES) break;
      this.shown.add(image);
    }
  }

  ofTask(attachments: readonly Attachment[] | undefined): Promise<ShownImages> {
    return this.of(picturesIn(attachments));
  }

  ofEntry(entry: ConversationEntry): Promise<ShownImages> {
    return this.of(picturesOf(entry));
  }

  private async of(pictures: readonly Picture[]): Promise<ShownImages> {
    const images: ModelImage[] = [];
    const remarks: string[] = [];
    for (const picture of pictures) {
      const image = await this.show(picture);
      if (typeof image !== 'string') images.push(image);
      else remarks.push(`[an image (${typeOf(picture)}) was left out: ${image}]`);
    }
    return { images, remarks };
  }

  /** Or why not. */
  private async show(picture: Picture): Promise<ModelImage | string> {
    if (!this.sees) return 'this model does not see';
    if (isTooLarge(picture)) return `it is over ${IMAGE_MAX_BYTES} bytes`;
    if (!this.shown.has(picture)) return 'later ones are shown';
    if ('data' in picture) {
      return { mimeType: picture.mimeType, data: await this.source.read(picture.data) };
    }
    const bytes = await this.source.readBytes(picture.content).catch((error: unknown) => {
      if (error instanceof WorldError && error.retry === 'never') return undefined;
      throw error;
    });
    if (bytes === undefined) return 'its bytes are not in the store any more';
    const kind = imageKindOf(bytes);
    if (kind === undefined) return 'neither png, jpeg, gif nor webp';
    const { mimeType, width, height } = kind;
    if (Math.max(width, height) > MAX_SIDE_PIXELS || Math.min(width, height) === 0) {
      return `${width} × ${height} pixels; at most ${MAX_SIDE_PIXELS} are shown`;
    }
    return { mimeType, data: bytes.toString('base64') };
  }
}

function picturesOf(entry: ConversationEntry): readonly Picture[] {
  if (entry.kind !== 'toolResult') return [];
  return [...(entry.images ?? []), ...picturesIn(entry.attachments)];
}

function picturesIn(attachments: readonly Attachment[] = []): readonly Attachment[] {
  return attachments.filter(({ mediaType }) => isShowable(mediaType));
}

function base64Bytes(picture: Picture): number {
  return 'data' in picture ? textBytes(picture.data) : Math.ceil(picture.content.bytes / 3) * 4;
}

function isTooLarge(picture: Picture): boolean {
  return !('data' in picture) && picture.content.bytes > IMAGE_MAX_BYTES;
}

function typeOf(picture: Picture): string {
  return 'data' in picture ? picture.mimeType : picture.mediaType;
}
