/** What the JSON says; undefined when it is none. */
export function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The object that the JSON says; undefined when it says anything else. */
export function objectInJson(json: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsedJson(json);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}
