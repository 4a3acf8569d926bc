import { z } from 'zod';
import { agentIdSchema, tenantSchema } from './ids.js';

const META_KEY = 'skynet/text';

/** UTF-8 bytes of the text in one hint. */
export const TEXT_HINT_MAX_BYTES = 4_096;

/** For so long agents are listened to after each `textWantedSchema`, milliseconds. */
export const TEXT_WANTED_MS = 15_000;

/**
 * Core NATS hint on `text.agent.<tenant>.<rootId>.<agentId>`, and `_meta["skynet/text"]` of a message of progress: text that a
 * model is writing. Any of them may be lost; what an agent has said is in its log alone.
 */
export const agentTextSchema = z.object({
  agentId: agentIdSchema,
  rootId: agentIdSchema,
  /** Absent: the agent has none. */
  template: z.string().max(256).optional(),
  /** Of the model call; a call that is made again has another. */
  callId: z.string().max(64),
  /** UTF-16 units of this call before `text`; more than were heard when some of it was lost. */
  at: z.int().min(0),
  text: z.string().max(TEXT_HINT_MAX_BYTES),
  /** `dropped`: the call brought no answer, and none of its text counts. `done`: it has, and no more text comes. */
  state: z.enum(['open', 'done', 'dropped']),
});
export type AgentText = z.infer<typeof agentTextSchema>;

/** Core NATS hint on `text.wanted`: somebody listens to the agent, and with `tree` to all of the tree that it is the root of. */
export const textWantedSchema = z.object({
  tenant: tenantSchema,
  agentId: agentIdSchema,
  tree: z.boolean().default(false),
});

const wishSchema = z.object({ [META_KEY]: z.enum(['none', 'agent', 'tree']) });

/** What a caller who waits wants to hear of text. `tail`: its last words, with what is told of the agent anyhow. */
export type TextWish = 'none' | 'tail' | 'agent' | 'tree';

const metaSchema = z.object({ [META_KEY]: agentTextSchema });

/** How text that is being written stands in `_meta`, under `skynet/text`: of a call the wish, of a message of progress the text. */
export const agentTexts = {
  toMeta: (text: AgentText): Readonly<Record<string, AgentText>> => ({ [META_KEY]: text }),

  /** Undefined when the message has none. */
  ofMeta: (meta: unknown): AgentText | undefined => metaSchema.safeParse(meta).data?.[META_KEY],

  wishToMeta: (wish: Exclude<TextWish, 'tail'>): Readonly<Record<string, string>> => ({
    [META_KEY]: wish,
  }),

  /** `tail` for a call that names no wish, or none that is known. */
  wishOfMeta: (meta: unknown): TextWish => wishSchema.safeParse(meta).data?.[META_KEY] ?? 'tail',
} as const;
