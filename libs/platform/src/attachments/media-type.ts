import { isUtf8 } from 'node:buffer';
import { imageKindOf } from './image-kind.js';

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;
/** Claims that only bytes which bear them out may have. */
const PROVEN = /^(?:image\/(?:png|jpeg|jpg|gif|webp)|application\/pdf)$/;
const UNKNOWN = 'application/octet-stream';
const TEXTUAL =
  /^(?:text\/.+|image\/svg\+xml|application\/(?:.+\+)?(?:json|xml|yaml|x-yaml|toml|sql|csv|javascript|typescript|x-sh|x-ndjson|jsonl))$/;

/** The type of bytes: what they show themselves comes before what is said of them. */
export function mediaTypeOf(bytes: Buffer, claimed = ''): string {
  const shown = imageKindOf(bytes)?.mimeType ?? pdfIn(bytes);
  if (shown !== undefined) return shown;
  const isText = isUtf8(bytes) && !bytes.includes(0);
  const [said = ''] = claimed.toLowerCase().split(';', 1);
  return believed(said.trim(), isText) ?? (isText ? 'text/plain' : UNKNOWN);
}

function pdfIn(bytes: Buffer): string | undefined {
  return bytes.toString('latin1', 0, 5) === '%PDF-' ? 'application/pdf' : undefined;
}

/** What is said of bytes that show nothing of themselves but whether they are text. */
function believed(said: string, isText: boolean): string | undefined {
  if (!MEDIA_TYPE.test(said) || PROVEN.test(said) || said === UNKNOWN) return undefined;
  return isText || !TEXTUAL.test(said) ? said : undefined;
}

/** Whether its bytes are UTF-8 that a model can read. */
export function isTextual(mediaType: string): boolean {
  return TEXTUAL.test(mediaType);
}

/** Whether models that see may be shown it. */
export function isShowable(mediaType: string): boolean {
  return PROVEN.test(mediaType) && mediaType.startsWith('image/');
}
