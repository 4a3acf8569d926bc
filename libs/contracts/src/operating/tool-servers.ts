import { z } from 'zod';
import { registryFindingSchema } from './registry-finding.js';

/** With a server: that one is asked for its tools, and started for it. Without: what is known of all, and none is started. */
export const toolServersRequestSchema = z.object({ server: z.string().optional() });
export type ToolServersRequest = z.infer<typeof toolServersRequestSchema>;

const toolServerViewSchema = z.object({
  name: z.string(),
  transport: z.string(),
  /** `idle`: not started, or ended; the next use starts it. */
  state: z.enum(['ready', 'starting', 'idle', 'failed']),
  /** Why it failed. */
  reason: z.string().optional(),
  /** What becomes of a call that broke off, for tools that have no other. */
  recovery: z.string(),
  /** Who may use it. Absent: all. */
  tenants: z.array(z.string()).optional(),
  /** Who has a process, or connection, together. */
  isolation: z.string().optional(),
  /** Processes, or connections, that there are now. */
  instances: z.int().nonnegative().optional(),
  /** Absent as long as the server has not told. */
  toolCount: z.int().nonnegative().optional(),
  /** The first of them. */
  tools: z.array(
    z.object({
      name: z.string(),
      /** First line. */
      description: z.string(),
      recovery: z.string(),
    }),
  ),
  /** Of a person to the server. Absent: there is none. */
  login: z
    .object({
      issuer: z.string(),
      /** ms since 1970. */
      atMs: z.number(),
      /** Somebody has to log in again. */
      isOver: z.boolean(),
    })
    .optional(),
  /** Tools that the server has and that no agent is offered. */
  leftOut: z.array(z.object({ tool: z.string(), reason: z.string() })),
});
export type ToolServerView = z.infer<typeof toolServerViewSchema>;

/** The tool servers of the registry, as one worker sees them. */
export const toolServersAnswerSchema = z.object({
  worker: z.string(),
  servers: z.array(toolServerViewSchema),
  /** Why servers of the registry are left out, by name. */
  refused: z.array(z.object({ name: z.string(), reason: z.string() })),
  findings: z.array(registryFindingSchema),
});
export type ToolServersAnswer = z.infer<typeof toolServersAnswerSchema>;
