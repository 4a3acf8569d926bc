import type { ModelTool } from '../models/model.port.js';
import { isRecord } from '../tools/records.js';

/** Longest description of a tool or an argument, characters. */
const MAX_CHARS = 160;
/** A stop behind which another sentence begins. */
const SENTENCE_END = /[.!?](?=\s+\p{Lu})/u;

/**
 * Tools as a small model reads them well: of each description the first sentence; what may be called, and with which
 * arguments, stays.
 */
export function shortened(tools: readonly ModelTool[]): ModelTool[] {
  return tools.map((tool) => ({
    ...tool,
    description: firstSentence(tool.description),
    inputSchema: withShortProperties(tool.inputSchema),
  }));
}

function firstSentence(text: string): string {
  const [line = ''] = text.trim().split('\n');
  const end = SENTENCE_END.exec(line)?.index;
  const sentence = end === undefined ? line : line.slice(0, end + 1);
  if (sentence.length <= MAX_CHARS) return sentence;
  return `${sentence.slice(0, MAX_CHARS - 1).toWellFormed()}…`;
}

/** Of the arguments themselves; what is deeper is rarely told by more than a name. */
function withShortProperties(schema: ModelTool['inputSchema']): ModelTool['inputSchema'] {
  const { properties } = schema;
  if (!isRecord(properties)) return schema;
  const short = Object.entries(properties).map(
    ([name, property]) => [name, withShortText(property)] as const,
  );
  return { ...schema, properties: Object.fromEntries(short) };
}

function withShortText(property: unknown): unknown {
  if (!isRecord(property) || typeof property['description'] !== 'string') return property;
  return { ...property, description: firstSentence(property['description']) };
}
