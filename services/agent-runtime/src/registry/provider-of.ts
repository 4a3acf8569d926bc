/** Prefix of models whose endpoint is a part of their name. */
export const COMPATIBLE = 'openai-compatible';

/** Key in `providers` of the registry that stands for a model: its prefix, or the endpoint that it is at. */
export function providerOf(model: string): string {
  const prefix = model.slice(0, Math.max(0, model.indexOf(':')));
  if (prefix !== COMPATIBLE) return prefix;
  const name = model.slice(prefix.length + 1);
  const end = name.indexOf('/');
  return end === -1 ? name : name.slice(0, end);
}
