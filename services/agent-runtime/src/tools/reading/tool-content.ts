import { isDeepStrictEqual } from 'node:util';
import { isDeeperThan, isRecord } from '../records.js';
import type { ToolResult } from '../tool-server.port.js';
import { readAskedInput } from './asked-input.js';
import { ToolFiles } from './tool-files.js';
import { ToolImages } from './tool-images.js';

type Raw = Readonly<Record<string, unknown>>;

const MAX_LEVELS = 100;
/** Of requests that can't be asked. */
const MAX_TOLD = 10;

/** A result of tools/call, whatever it is: the call has been answered. What can't be shown to a model is described. */
export function readToolResult(raw: unknown): ToolResult {
  if (!isRecord(raw)) return { content: shown(raw), isError: false };
  const asked = readAskedInput(raw);
  if (typeof asked === 'object') return { content: '', isError: false, asks: asked };
  const unfinished = whyNotDone(raw, asked);
  if (unfinished !== undefined) return { content: `NOT_DONE: ${unfinished}`, isError: true };
  const isError = raw['isError'] === true;
  const images = new ToolImages();
  const files = new ToolFiles();
  const text = textOf(raw, (block) => takenFrom(block, images, files)).toWellFormed();
  return {
    content: isError && text.trim() === '' ? 'The tool failed and says no more.' : text,
    isError,
    // Providers take none with an error.
    ...(images.taken.length > 0 && !isError && { images: images.taken }),
    ...(files.taken.length > 0 && !isError && { files: files.taken }),
  };
}

type Take = (block: unknown) => string | undefined;

/** As an image that can be shown, else as a file. The answer: why nobody gets to see it. */
function takenFrom(block: unknown, images: ToolImages, files: ToolFiles): string | undefined {
  const before = images.taken.length;
  const unseen = images.take(block);
  if (images.taken.length > before) return undefined;
  const unkept = files.take(block);
  if (unseen === undefined) return unkept;
  return `${unseen}; ${unkept ?? 'kept as a file'}`;
}

/** Of answers that stand for a result which is still to come. */
function whyNotDone(raw: Raw, why: string | undefined): string | undefined {
  if (why !== undefined) {
    const asked = isRecord(raw['inputRequests']) ? Object.values(raw['inputRequests']) : [];
    const messages = asked
      .slice(0, MAX_TOLD)
      .map((request) => shown(isRecord(request) ? request['params'] : request));
    const reason = `the tool asks for input first, which nobody can give it here: ${why}.`;
    return [reason, ...messages].join('\n');
  }
  const isTask = raw['resultType'] === 'task' || (isRecord(raw['task']) && !('content' in raw));
  return isTask
    ? 'the tool answers with a task to ask for later, which is not supported.'
    : undefined;
}

/** Texts as they are; of anything else, what it is; structured content where the texts do not have it. */
function textOf(raw: Raw, take: Take): string {
  const { content, structuredContent } = raw;
  const parts = Array.isArray(content)
    ? content.map((block) => blockText(block, take(block)))
    : [shown(content ?? raw['toolResult'])];
  const text = parts.filter((part) => part !== '').join('\n');
  if (structuredContent === undefined || structuredContent === null) return text;
  const json = shown(structuredContent);
  const said = [structuredContent, onlyValueOf(structuredContent)];
  const isSaid = [text, ...parts].some((part) => {
    return part === json || said.some((value) => part === value || isSameJson(part, value));
  });
  return isSaid ? text : [text, json].filter((part) => part !== '').join('\n');
}

/** Servers wrap a text, or a list, in an object with one key, as structured content must be one. */
function onlyValueOf(structured: unknown): unknown {
  const [value, ...more] = isRecord(structured) ? Object.values(structured) : [];
  return more.length === 0 ? value : undefined;
}

/** `without`: why the image in it is not shown to anybody. */
function blockText(block: unknown, without?: string): string {
  if (!isRecord(block)) return shown(block);
  switch (block['type']) {
    case 'text':
      return shown(block['text']);
    case 'image':
    case 'audio':
      return binary(block['type'], block, without);
    case 'resource_link':
      return linkText(block);
    case 'resource':
      return resourceText(block['resource'], without);
    default:
      return `[a block of the type ${shown(block['type'])}, which can not be shown]`;
  }
}

function linkText(link: Raw): string {
  const about = ['title', 'name', 'description', 'mimeType'].map((key) => link[key]);
  const known = about.filter((text) => typeof text === 'string' && text !== '');
  const size = typeof link['size'] === 'number' ? [`${link['size']} bytes`] : [];
  return `[resource ${[shown(link['uri']), ...known, ...size].join(', ')}]`;
}

function resourceText(resource: unknown, without?: string): string {
  if (!isRecord(resource)) return shown(resource);
  if (typeof resource['text'] === 'string') return resource['text'];
  const { uri, mimeType, blob: data } = resource;
  return binary(`resource ${shown(uri)}`, { mimeType, data }, without);
}

function binary(what: string, { mimeType: type, data }: Raw, without?: string): string {
  const size = typeof data === 'string' ? `, ${data.length} base64 characters` : '';
  const left = without === undefined ? '' : `, left out: ${without}`;
  return `[${what}${typeof type === 'string' ? ` ${type}` : ''}${size}${left}]`;
}

/** A value of any kind as text; nothing for none. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return isDeeperThan(value, MAX_LEVELS) ? '[a value nested too deep]' : JSON.stringify(value);
}

function isSameJson(text: string, value: unknown): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    return isDeepStrictEqual(JSON.parse(text), value);
  } catch {
    return false;
  }
}
