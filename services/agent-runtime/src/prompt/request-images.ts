import type { Text } from '@skynet/contracts';
import { textBytes, type ConversationEntry, type StoredImage } from '@skynet/domain-agents';
import type { ModelImage } from '../models/model.port.js';

/** Of one request: providers take few large ones, and with more than 20 smaller ones only. */
const MAX_IMAGES = 20;
const MAX_BYTES = 20 * 1_024 * 1_024;

export interface ShownImages {
  readonly images: readonly ModelImage[];
  /** A line for each that is not shown. */
  readonly remarks: readonly string[];
}

/** Which images of a conversation the model is shown: the last ones, when it sees. */
export class RequestImages {
  private readonly shown = new Set<StoredImage>();

  constructor(
    conversation: readonly ConversationEntry[],
    private readonly sees: boolean,
  ) {
    let bytes = 0;
    const all = sees ? conversation.flatMap(imagesOf) : [];
    for (const image of all.toReversed()) {
      bytes += textBytes(image.data);
      if (this.shown.size === MAX_IMAGES || bytes > MAX_BYTES) break;
      this.shown.add(image);
    }
  }

  async of(entry: ConversationEntry, read: (text: Text) => Promise<string>): Promise<ShownImages> {
    const images: ModelImage[] = [];
    const remarks: string[] = [];
    const why = this.sees ? 'later ones are shown' : 'this model does not see';
    for (const image of imagesOf(entry)) {
      const { mimeType, data } = image;
      if (this.shown.has(image)) images.push({ mimeType, data: await read(data) });
      else remarks.push(`[an image (${mimeType}) was left out: ${why}]`);
    }
    return { images, remarks };
  }
}

function imagesOf(entry: ConversationEntry): readonly StoredImage[] {
  return entry.kind === 'toolResult' ? (entry.images ?? []) : [];
}
