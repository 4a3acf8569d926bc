/** The bucket of the definitions of tools as they were first seen or approved, by server. They do not expire. */
export const TOOL_PINS: { readonly bucket: string; readonly ttlMs?: number } = {
  bucket: 'tool-pins',
};
