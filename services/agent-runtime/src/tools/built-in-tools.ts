import { asMeant, spawnArgumentsSchema } from '@skynet/contracts';
import { z } from 'zod';
import type { ModelTool } from '../models/model.port.js';

export const reportProgressSchema = z.strictObject({
  message: z.string().min(1).max(500),
  percent: z.number().min(0).max(100).optional(),
});

export const awaitAgentsSchema = z.strictObject({
  ids: z.array(z.string()).max(1_000).optional().describe('Default: all not yet awaited'),
  mode: z.enum(['all', 'any', 'quorum']).default('all'),
  quorum: z.int().positive().optional().describe('With mode quorum: how many must end'),
  timeoutSeconds: z.number().positive().optional().describe('Then take what there is'),
});

export const BUILT_IN = {
  spawn: 'spawn_agent',
  await: 'await_agents',
  progress: 'report_progress',
} as const;

/** What a model means by the arguments of one of these; whoever reads them later reads them so, too. */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.ZodSafeParseResult<z.infer<Schema>> {
  return schema.safeParse(asMeant(schema, input));
}

function modelTool(name: string, description: string, schema: z.ZodType): ModelTool {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(schema, { io: 'input' });
  return { name, description, inputSchema };
}

const spawnTool = modelTool(
  BUILT_IN.spawn,
  'Start an agent below you on a part of your task. It runs beside you; collect it with await_agents. ' +
    'Its limits are taken out of yours.',
  spawnArgumentsSchema,
);

const awaitTool = modelTool(
  BUILT_IN.await,
  'Wait for agents that you spawned and get their results or failures.',
  awaitAgentsSchema,
);

const progressTool = modelTool(
  BUILT_IN.progress,
  'Tell whoever watches how far you are.',
  reportProgressSchema,
);

/**
 * The tools that every agent has; an agent that may have no children is not offered the first two.
 *
 * @param templates what is said of those that it may name
 */
export function builtInTools({
  maySpawn,
  templates = '',
}: {
  readonly maySpawn: boolean;
  readonly templates?: string;
}): ModelTool[] {
  if (!maySpawn) return [progressTool];
  const spawn = { ...spawnTool, description: spawnTool.description + templates };
  return [templates === '' ? spawnTool : spawn, awaitTool, progressTool];
}
