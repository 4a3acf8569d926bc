import type { InputRequest } from '@skynet/domain-agents';
import { isRecord } from '../records.js';
import type { AskedInput } from '../tool-server.port.js';
import { choicesOf, fieldLine, fieldsOf, shortened } from './asked-fields.js';

type Raw = Readonly<Record<string, unknown>>;

const MAX_REQUESTS = 10;
const MAX_KEY_CHARS = 200;
const MAX_STATE_CHARS = 256 * 1_024;
const MAX_MESSAGE_CHARS = 2_000;
const MAX_QUESTION_CHARS = 4_000;
const MAX_URL_CHARS = 2_000;
const MAX_NAME_CHARS = 100;
/** Of the JSON of all that is asked at once: it goes in one event. */
const MAX_ASKED_BYTES = 128 * 1_024;
const TOO_LARGE = `what it asks is larger than ${MAX_ASKED_BYTES / 1_024} KiB`;

/** Undefined: the result asks for nothing. A text: why what it asks for can't be asked here. */
export function readAskedInput(raw: Raw): AskedInput | string | undefined {
  if (raw['resultType'] !== 'input_required') return undefined;
  const { requestState: state, inputRequests = {} } = raw;
  if (!isState(state)) return `its requestState is no text of up to ${MAX_STATE_CHARS} characters`;
  if (!isRecord(inputRequests)) return 'its inputRequests are no object';
  const requests = readRequests(inputRequests);
  if (typeof requests === 'string') return requests;
  if (requests.length === 0 && state === undefined) return 'it names nothing that it needs';
  return { requests, ...(state !== undefined && { state }) };
}

function isState(raw: unknown): raw is string | undefined {
  return raw === undefined || (typeof raw === 'string' && raw.length <= MAX_STATE_CHARS);
}

function readRequests(raw: Raw): InputRequest[] | string {
  const asked = Object.entries(raw);
  if (asked.length > MAX_REQUESTS) return `more than ${MAX_REQUESTS} questions at once`;
  const requests: InputRequest[] = [];
  for (const [key, request] of asked) {
    if (key.length > MAX_KEY_CHARS) return `the key of a question is longer than ${MAX_KEY_CHARS}`;
    const read = readRequest(key, request);
    if (typeof read === 'string') return read;
    requests.push(read);
  }
  return isTooLarge(requests) ? TOO_LARGE : requests;
}

function isTooLarge(requests: readonly InputRequest[]): boolean {
  return Buffer.byteLength(JSON.stringify(requests)) > MAX_ASKED_BYTES;
}

function readRequest(key: string, request: unknown): InputRequest | string {
  if (!isRecord(request)) return 'a request is no object';
  const { method, params } = request;
  if (method !== 'elicitation/create') {
    return `it asks for ${String(method).slice(0, MAX_NAME_CHARS)}, which is not supported`;
  }
  return readElicitation(key, params);
}

/** The question that the parameters of `elicitation/create` put to people; a text says why there is none. */
export function readElicitation(key: string, params: unknown): InputRequest | string {
  if (!isRecord(params)) return 'a question has no parameters';
  const message = shortened(params['message'], MAX_MESSAGE_CHARS);
  if (params['mode'] === 'url') return urlRequest(key, message, params['url']);
  const schema = params['requestedSchema'];
  const fields = fieldsOf(schema);
  if (typeof fields === 'string') return fields;
  const labels = isRecord(schema) && isRecord(schema['properties']) ? schema['properties'] : {};
  const lines = fields.map((field) => fieldLine(field, labels[field.name]));
  const choices = choicesOf(fields);
  const how = fields.length > 1 ? ['Answer with JSON of these fields.'] : [];
  const text = [message, ...lines, ...how].filter((line) => line !== '').join('\n');
  const question = text.slice(0, MAX_QUESTION_CHARS).toWellFormed() || 'It may go on?';
  const request = { key, question, fields, ...(choices !== undefined && { choices }) };
  return isTooLarge([request]) ? TOO_LARGE : request;
}

/** Who says that it is done accepts; nothing of what happens there comes by here. */
function urlRequest(key: string, message: string, raw: unknown): InputRequest | string {
  const url = typeof raw === 'string' && raw.length <= MAX_URL_CHARS ? URL.parse(raw) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return 'the page that it wants people to open has no usable address';
  const question = `${message}\nOpen this page of ${url.host}, then answer done:\n${url.href}`;
  return { key, question: question.trim(), fields: [] };
}
