import type { JSONObject, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import { z } from 'zod';

/** In the vendor's own form, which it wants back to the letter: signatures, ids, sealed texts. */
const options = z.record(z.string(), z.custom<JSONObject>(isObject));

const keptSchema = z.object({
  /** Prefix and name: what one model has sealed another does not read. */
  vendorModel: z.string(),
  reasoning: z.array(z.object({ text: z.string(), options: options.optional() })),
  /** Of the text, and of each call in its order. */
  text: options.optional(),
  calls: z.array(options.nullable()),
});
export type KeptParts = Omit<z.infer<typeof keptSchema>, 'vendorModel'>;

/** Longest that is kept of one answer, characters; a turn without it is worse, not wrong. */
const MAX_CHARS = 256 * 1_024;

/** As text to be kept with the answer; undefined when there is nothing to keep. */
export function keptText(vendorModel: string, parts: KeptParts): string | undefined {
  const { reasoning, text, calls } = parts;
  const isEmpty = reasoning.length === 0 && text === undefined && calls.every((c) => c === null);
  if (isEmpty) return undefined;
  const kept = JSON.stringify({ vendorModel, ...parts });
  return kept.length > MAX_CHARS ? undefined : kept;
}

/** What came with an answer of this model; undefined when another one gave it. */
export function keptIn(vendorModel: string, text: string | undefined): KeptParts | undefined {
  if (text === undefined) return undefined;
  const kept = keptSchema.safeParse(JSON.parse(text));
  return kept.success && kept.data.vendorModel === vendorModel ? kept.data : undefined;
}

/** What was told of one part in several pieces; later ones win. */
export function joined(
  one: SharedV4ProviderMetadata | undefined,
  other: SharedV4ProviderMetadata | undefined,
): SharedV4ProviderMetadata | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const vendorNames = new Set([...Object.keys(one), ...Object.keys(other)]);
  const all = [...vendorNames].map((name) => [name, { ...one[name], ...other[name] }] as const);
  return Object.fromEntries(all);
}

function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
