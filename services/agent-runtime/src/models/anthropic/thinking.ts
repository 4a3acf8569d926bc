import type { Anthropic } from '@anthropic-ai/sdk';
import { z } from 'zod';

/** As the API streams it, and wants it back to the letter. */
const blockSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
]);
export type ThinkingBlock = z.infer<typeof blockSchema>;

const storedSchema = z.object({ model: z.string(), blocks: z.array(blockSchema) });

/** Longest that is kept of one answer, characters; a turn without it is worse, not wrong. */
const MAX_CHARS = 256 * 1_024;

/** As text to be kept with the answer; undefined when there is nothing to keep. Signatures are of one model. */
export function keptThinking(model: string, blocks: readonly ThinkingBlock[]): string | undefined {
  const signed = blocks.filter((block) => block.type !== 'thinking' || block.signature !== '');
  if (signed.length === 0) return undefined;
  const text = JSON.stringify({ model, blocks: signed });
  return text.length > MAX_CHARS ? undefined : text;
}

/** The blocks that an answer of this model began with. */
export function thinkingIn(model: string, text: string | undefined): Anthropic.ContentBlockParam[] {
  if (text === undefined) return [];
  const kept = storedSchema.safeParse(JSON.parse(text));
  return kept.success && kept.data.model === model ? kept.data.blocks : [];
}
