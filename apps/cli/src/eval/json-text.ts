/** What the text is as JSON; undefined when it is none. */
export function jsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
