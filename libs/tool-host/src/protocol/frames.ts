import { z } from 'zod';
import { sandboxKinds } from './sandbox-kind.js';

/** What a host says about a server: one line each, its kind in the first character. */
export const FRAME = {
  started: 's',
  output: 'o',
  error: 'e',
  tooLarge: 'l',
  end: 'x',
} as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export const startedSchema = z.object({
  sandbox: z.enum(sandboxKinds),
  /** Why there is no sandbox, when one was preferred. */
  reason: z.string().optional(),
});
export type Started = z.infer<typeof startedSchema>;

export const tooLargeSchema = z.object({
  bytes: z.int().positive(),
  /** Of the JSON-RPC answer, where it could be read. */
  id: z.union([z.string(), z.number()]).optional(),
});
export type TooLarge = z.infer<typeof tooLargeSchema>;

export const endSchema = z.object({
  code: z.number().nullish(),
  signal: z.string().nullish(),
  /** Why the host did not start it, or has ended it. */
  reason: z.string().optional(),
});
export type End = z.infer<typeof endSchema>;

const NEWLINE = Buffer.from('\n');

export function frame(kind: FrameKind, content: Buffer | object): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return Buffer.concat([Buffer.from(kind), body, NEWLINE]);
}
