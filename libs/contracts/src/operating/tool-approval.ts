import { z } from 'zod';

/** Asks to offer tools again whose definitions have changed. Safe to retry: what is approved does not wait any more. */
export const toolApprovalRequestSchema = z.object({
  server: z.string(),
  /** Their names at the server. Default: all that wait. */
  tools: z.array(z.string()).default([]),
  /** Only says what would be approved. */
  dryRun: z.boolean().default(false),
  /** Who asks, as the one who asks says it. */
  by: z.string().min(1).max(64).optional().catch(undefined),
});
export type ToolApprovalRequest = z.infer<typeof toolApprovalRequestSchema>;

const approvedToolSchema = z.object({
  tool: z.string(),
  /** `new`: it came while another definition of its server was changed. */
  kind: z.enum(['changed', 'new']),
  /** When the definition was first seen. */
  sinceMs: z.number(),
  /** Lines with `- ` for what was and `+ ` for what is; invisible characters are written as their codes. */
  changes: z.array(z.string()),
});
export type ApprovedTool = z.infer<typeof approvedToolSchema>;

export const toolApprovalAnswerSchema = z.object({
  worker: z.string(),
  /** Why nothing was approved, as a sentence; then `approved` is empty. */
  refused: z.string().optional(),
  approved: z.array(approvedToolSchema),
});
export type ToolApprovalAnswer = z.infer<typeof toolApprovalAnswerSchema>;
