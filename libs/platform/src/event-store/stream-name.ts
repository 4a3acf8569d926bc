const STREAM_NAME = /^([a-z]+)-([A-Za-z0-9_-]+)$/;

/** A stream's name in its two parts, split at the first hyphen. */
export interface StreamName {
  readonly category: string;
  readonly id: string;
}

export function isStreamName(text: string): boolean {
  return STREAM_NAME.test(text);
}

/** Undefined for a prefix that is not a whole category, as `agent-`. */
export function categoryOf(prefix: string): string | undefined {
  return /^([a-z]+)-$/.exec(prefix)?.[1];
}

/** @throws Error when the prefix is not a whole category, as `agent-` */
export function requireCategory(prefix: string): string {
  const category = categoryOf(prefix);
  if (category === undefined) throw new Error(`${JSON.stringify(prefix)} is no whole category`);
  return category;
}

/** @throws Error when the name is not `<category>-<id>` with ids of letters, digits, `_` and `-` */
export function parseStreamName(stream: string): StreamName {
  const [, category, id] = STREAM_NAME.exec(stream) ?? [];
  if (category === undefined || id === undefined) {
    throw new Error(`stream ${JSON.stringify(stream)} is not named <category>-<id>`);
  }
  return { category, id };
}
