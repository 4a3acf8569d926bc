import { z } from 'zod';
import { text } from '../stored/parts-v1.js';

const value = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const field = z.strictObject({
  name: z.string(),
  kind: z.enum(['text', 'number', 'integer', 'boolean', 'texts']),
  isRequired: z.boolean(),
  /** Of texts: one of them, or some. Default: whatever people say. */
  among: z.array(z.string()).optional(),
  /** Of a number its bounds, of texts their length or how many. */
  least: z.number().optional(),
  most: z.number().optional(),
  /** Where people say nothing of it. */
  fallback: value.optional(),
});

/** Frozen: a new shape is a new version beside this one. */
export const askingV1 = {
  /** The server of a call wants to know something, before or while the call goes on. */
  ToolInputRequired: z.strictObject({
    toolCallId: z.string(),
    /** Each is asked by a `QuestionAsked`, one after the other. */
    requests: z.array(
      z.strictObject({
        key: z.string(),
        question: z.string(),
        choices: z.array(z.string()).optional(),
        fields: z.array(field),
      }),
    ),
    /** The server's own, which it gets back with the answers as it is. */
    state: text.optional(),
    /** The call is open meanwhile, on its connection. Else it is made again, with the answers. */
    isOpen: z.boolean(),
  }),
  /** People have answered one of the requests. */
  ToolInputGiven: z.strictObject({
    toolCallId: z.string(),
    key: z.string(),
    action: z.enum(['accept', 'decline', 'cancel']),
    /** What the fields are, of one that is accepted. */
    content: z.record(z.string(), value).optional(),
  }),
} as const;
