const text = new TextDecoder('utf-8', { fatal: true });

/** JSON out of the bytes of a message, or what is wrong with them. */
export function parseBody(
  body: Uint8Array,
): { readonly data: unknown } | { readonly problem: string } {
  try {
    return { data: JSON.parse(text.decode(body)) as unknown };
  } catch (error) {
    return { problem: `the body is no JSON: ${String(error)}` };
  }
}
