import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { priceSchema, requestedLimitsSchema, toolGrantSchema } from '@skynet/contracts';
import { sandboxModes } from '@skynet/tool-host';
import { z } from 'zod';

const MIB = 1_024 * 1_024;

const recovery = z.enum(['retry', 'key', 'ask', 'fail']);

const toolOptions = z.strictObject({
  recovery: recovery.optional(),
  timeoutSeconds: z.number().positive().max(3_600).optional(),
});

const serverName = z.string().regex(/^[A-Za-z0-9-]{1,32}$/);

const serverBase = {
  /** For tools that `tools` does not name. Default `ask`: nobody vouches that a repeat does no harm. */
  recovery: recovery.default('ask'),
  timeoutSeconds: z.number().positive().max(3_600).default(60),
  /** Longest that a start takes: the first one may have to fetch the program. */
  startSeconds: z.number().positive().max(3_600).default(120),
  /** Largest answer that is taken in; with a larger one the call failed. */
  maxAnswerBytes: z
    .int()
    .min(1_024)
    .max(256 * MIB)
    .default(10 * MIB),
  tools: z.record(z.string(), toolOptions).default({}),
};

/** Of a process that this product starts. */
const sandboxed = {
  /** Default: not without one. `preferred`: where there is one; `none`: with all rights of the runtime's user. */
  sandbox: z.enum(sandboxModes).default('required'),
  /** All of it, this machine's own ports too. */
  network: z.boolean().default(false),
  /** What it sees beside the system, its program and what its arguments name; from the registry's folder. */
  folders: z
    .array(
      z.strictObject({
        path: z.string().refine((path) => path !== '/', 'the whole machine is no folder to share'),
        writable: z.boolean().default(false),
      }),
    )
    .default([]),
  limits: z
    .strictObject({
      processes: z.int().positive().default(256),
      memoryMib: z.int().positive().default(2_048),
    })
    .prefault({}),
};

const serverSchema = z.discriminatedUnion('transport', [
  z.strictObject({
    transport: z.literal('stdio'),
    command: z.string().min(1),
    args: z.array(z.string()).default([]),
    env: z.record(z.string(), z.string()).default({}),
    /** Default: the registry's folder. */
    cwd: z.string().optional(),
    /** Times a minute that a server which died is started again. */
    restarts: z.int().nonnegative().default(5),
    ...sandboxed,
    ...serverBase,
  }),
  z.strictObject({
    transport: z.literal('http'),
    url: z.url({ protocol: /^https?$/ }),
    headers: z.record(z.string(), z.string()).default({}),
    ...serverBase,
  }),
]);
export type ServerEntry = z.infer<typeof serverSchema>;

const modelSchema = z.strictObject({
  /** Of a scripted model: file of the module, relative to the registry. */
  module: z.string().optional(),
  price: priceSchema.optional(),
  maxTokens: z.int().positive().optional(),
});

const templateSchema = z.strictObject({
  instructions: z.string().min(1),
  model: z
    .strictObject({
      id: z.string().optional(),
      temperature: z.number().min(0).max(2).optional(),
      maxTokens: z.int().positive().optional(),
    })
    .default({}),
  tools: z.array(toolGrantSchema).default([]),
  limits: requestedLimitsSchema.default({}),
});
export type TemplateEntry = z.infer<typeof templateSchema>;

const registrySchema = z.strictObject({
  defaultModel: z.string().default('scripted:echo'),
  models: z.record(z.string(), modelSchema).default({}),
  servers: z.record(serverName, serverSchema).default({}),
  templates: z.record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), templateSchema).default({}),
});

/** What the operator allows: models with prices, tool servers with recovery policies, templates. */
export type Registry = z.infer<typeof registrySchema> & {
  /** Folder that relative paths of the registry start from. */
  readonly folder: string;
};

/** Reads and checks the registry file; without a path there are only the built-in models. Throws with every mistake. */
export function loadRegistry(path: string | undefined): Registry {
  if (path === undefined) return { ...registrySchema.parse({}), folder: process.cwd() };
  const file = resolve(path);
  const parsed = registrySchema.safeParse(readJson(file));
  if (!parsed.success) throw new Error(`registry ${path}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, folder: dirname(file) };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`registry ${file} can not be read`, { cause: error });
  }
}
