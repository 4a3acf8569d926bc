/** How much a message may hold. Schemas cost far more for each value than reading it does. */
export interface MessageBounds {
  /** Texts, numbers, lists and objects, those within others too. */
  readonly values: number;
  readonly depth: number;
}

interface Measure {
  /** Never fewer than there are. */
  readonly values: number;
  readonly depth: number;
}

const LONGEST_NAME = 100;
const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d,
];

/** What a text has too much of, or nothing; says nothing of one that is no JSON. Looks at each character once. */
export function excessOf(text: string, bounds: MessageBounds): string | undefined {
  const { values, depth } = measured(text);
  if (depth > bounds.depth) {
    return `the message is ${depth} levels deep; ${bounds.depth} at most are taken`;
  }
  if (values <= bounds.values) return undefined;
  const widest = widestPart(text);
  const where = widest === undefined ? '' : `, ${widest.size} of them in ${widest.name}`;
  return `the message has ${values} values${where}; ${bounds.values} at most are taken`;
}

/** The same of a value that was read from a text within a message. Stops at the first one too many. */
export function excessOfValue(value: unknown, bounds: MessageBounds): string | undefined {
  let values = 0;
  let level: object[] = isPart(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > bounds.depth) return `there are more than ${bounds.depth} levels`;
    const below: object[] = [];
    for (const part of level) {
      const held: unknown[] = Object.values(part);
      values += held.length;
      if (values > bounds.values) return `there are more than ${bounds.values} values`;
      for (const each of held.filter(isPart)) below.push(each);
    }
    level = below;
  }
  return undefined;
}

function measured(text: string): Measure {
  let values = 1;
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfText(text, at);
        break;
      case COMMA:
        values += 1;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        values += 1;
        depth += 1;
        deepest = Math.max(deepest, depth);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      default:
    }
  }
  return { values, depth: deepest };
}

/** Where the quote is that ends the text which begins there. */
function endOfText(text: string, begin: number): number {
  let end = begin + 1;
  while (end < text.length && text.charCodeAt(end) !== QUOTE) {
    end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  }
  return end;
}

interface Part {
  readonly value: object;
  readonly names: readonly string[];
}

/** The list or object with the most entries of its own; never of a text that is too deep. */
function widestPart(text: string): { readonly size: number; readonly name: string } | undefined {
  const whole = parsed(text);
  if (!isPart(whole)) return undefined;
  let widest: Part = { value: whole, names: [] };
  let size = 0;
  const open: Part[] = [widest];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { names } = part;
    const entries = Object.entries(part.value);
    if (entries.length > size) [widest, size] = [part, entries.length];
    for (const [name, value] of entries) {
      if (isPart(value)) open.push({ value, names: [...names, name] });
    }
  }
  return { size, name: nameOf(widest) };
}

function nameOf({ names }: Part): string {
  const name = names.join('.').replaceAll(/[^\x20-\x7e]/g, '?');
  return name === '' ? 'it' : name.slice(0, LONGEST_NAME);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPart(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
