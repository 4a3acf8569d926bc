import { z } from 'zod';
import { specV3, spawningV4 } from '../stored/spawning-v4.js';
import { attachmentV1 } from './attachment-v1.js';

/** Frozen: a new shape is a new version beside this one. */
export const specV4 = specV3.extend({
  /** Images and files of its task. Absent: none. */
  attachments: z.array(attachmentV1).optional(),
  /** Of its tree; what is sent to one of them it is told from its beginning. */
  topics: z.array(z.string()).optional(),
  /** It reads and writes the notes of its template. Default: false. */
  notes: z.literal(true).optional(),
  /** So long an answer of its model stands for the same request. Default: not at all. */
  answerSeconds: z.int().positive().optional(),
  /** Writes its summaries while it works. Default: its own model. */
  compactionModel: z
    .strictObject({
      id: z.string(),
      maxTokens: z.int().positive(),
      price: z.strictObject({
        inputMicroUsdPerMillion: z.number().nonnegative(),
        outputMicroUsdPerMillion: z.number().nonnegative(),
      }),
      /** Tokens that a request and its answer may have together. */
      contextTokens: z.int().positive().optional(),
    })
    .optional(),
});

/** Frozen: a new shape is a new version beside this one. */
export const spawningV5 = {
  AgentSpawned: spawningV4.AgentSpawned.extend({ spec: specV4 }),
  ChildReserved: spawningV4.ChildReserved.extend({ spec: specV4 }),
} as const;
