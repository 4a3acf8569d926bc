/** The input of a call as an object: what a model wrote in place of one is shown to it again, in an object. */
export function callInput(json: string): Readonly<Record<string, unknown>> {
  try {
    const input: unknown = JSON.parse(json === '' ? '{}' : json);
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return { ...input };
  } catch {
    // Not JSON, shown as it is.
  }
  return { notAnObject: json };
}
