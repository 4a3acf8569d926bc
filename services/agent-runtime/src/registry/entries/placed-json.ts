import { findNodeAtLocation, parseTree, type Node, type ParseError } from 'jsonc-parser';

export type Path = readonly (string | number)[];

/** JSON with the places of its parts. */
export interface PlacedJson {
  readonly value: unknown;
  /** Keys that stand more than once in their object; the last one counts. */
  readonly repeated: readonly Path[];
  /** From 1; that of the deepest part of the path which is there. */
  lineOf(path: Path): number;
}

/** The text is no JSON. */
export class NoJsonError extends Error {
  override readonly name = 'NoJsonError';

  constructor(readonly line: number) {
    super('it is no JSON');
  }
}

/**
 * Reads JSON; comments and a comma after the last part do no harm.
 *
 * @throws NoJsonError with the line of the first mistake
 */
export function readPlacedJson(text: string): PlacedJson {
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  if (root === undefined || errors.length > 0)
    throw new NoJsonError(lineAt(errors[0]?.offset ?? 0));
  const repeated: Path[] = [];
  return {
    value: valueOf(root, [], repeated),
    repeated,
    lineOf: (path) => lineAt(deepest(root, path).offset),
  };
}

function deepest(root: Node, path: Path): Node {
  for (let length = path.length; length > 0; length -= 1) {
    const found = findNodeAtLocation(root, path.slice(0, length));
    if (found !== undefined) return found.parent?.type === 'property' ? found.parent : found;
  }
  return root;
}

function valueOf(node: Node, path: Path, repeated: Path[]): unknown {
  const { type, children = [] } = node;
  if (type === 'array') return children.map((part, at) => valueOf(part, [...path, at], repeated));
  if (type !== 'object') return node.value as unknown;
  const properties = new Map<string, unknown>();
  for (const { children: [key, part] = [] } of children) {
    if (key === undefined || part === undefined) continue;
    const name = String(key.value);
    const within = [...path, name];
    if (properties.has(name)) repeated.push(within);
    properties.set(name, valueOf(part, within, repeated));
  }
  return Object.fromEntries(properties);
}

/** Whether a value of JSON is an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
