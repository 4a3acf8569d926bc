import { z } from 'zod';

/** `required`: not without a sandbox; `preferred`: with one where there is one; `none`: with all that the user may. */
export const sandboxModes = ['required', 'preferred', 'none'] as const;
export type SandboxMode = (typeof sandboxModes)[number];

const absolutePath = z.string().startsWith('/');

/** The first line of a connection: what to start. The connection then is the server's input and output. */
export const launchRequestSchema = z.object({
  /** Of the server in the registry; its private folder is named for it. */
  name: z.string().min(1),
  /** Whose server it is, for whom a home is kept apart from that of others. Absent: everybody's. */
  holder: z
    .object({
      tenant: z.string(),
      /** Else its home ends with it, and only what npx and uvx have fetched is kept for the tenant. */
      keepsHome: z.boolean(),
    })
    .optional(),
  command: z.string().min(1),
  args: z.array(z.string()),
  /** What the registry gives it, beside what every server gets. */
  env: z.record(z.string(), z.string()),
  cwd: absolutePath,
  sandbox: z.enum(sandboxModes),
  network: z.boolean(),
  folders: z.array(z.object({ path: absolutePath, writable: z.boolean() })),
  /** Files and folders that no server sees whatever its entry names, but for `folders` inside of them. */
  hidden: z.array(absolutePath),
  limits: z.object({ processes: z.int().positive(), memoryMib: z.int().positive() }),
  /** Longest line of its output, bytes. */
  maxAnswerBytes: z.int().positive(),
});
export type LaunchRequest = z.infer<typeof launchRequestSchema>;
