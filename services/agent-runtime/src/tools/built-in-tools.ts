import {
  agentCommandSchemas,
  asMeant,
  NOTE_KEY_MAX,
  NOTE_VALUE_MAX,
  spawnArgumentsSchema,
  topicSchema,
} from '@skynet/contracts';
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

export const sendMessageSchema = z.strictObject({
  to: z
    .string()
    .trim()
    .toLowerCase()
    .min(1)
    .max(100)
    .describe(
      'parent, children (all of yours), siblings, tree (all that run), topic:NAME (who subscribed), or the id of one',
    ),
  text: agentCommandSchemas.SendAgentMessage.shape.text,
  interrupt: z.boolean().optional().describe('At once: cuts off what its model does'),
});

export const subscribeSchema = z.strictObject({
  topic: topicSchema,
  leave: z.boolean().optional().describe('Be told no more'),
});

export const awaitMessageSchema = z.strictObject({
  timeoutSeconds: z.number().positive().optional().describe('Then go on without one'),
});

export const thinkSchema = z.strictObject({ thought: z.string() });

const MAX_CHOICES = 10;

export const askSchema = z.strictObject({
  question: z.string().trim().min(1).max(2_000),
  choices: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(MAX_CHOICES)
    .optional()
    .describe('The answer is one of them'),
  timeoutSeconds: z.number().positive().optional().describe('Then go on without'),
});

export const nowSchema = z.strictObject({
  timeZone: z.string().min(1).max(100).optional().describe('As Europe/Berlin; default UTC'),
});

export const readResultSchema = z.strictObject({
  id: z.string().min(1).max(200).optional().describe('Default: tells which there are'),
  offset: z.int().nonnegative().default(0).describe('Characters before'),
  limit: z.int().min(100).max(50_000).default(10_000).describe('Characters'),
});

const boardKeySchema = z.string().min(1).max(128);

export const boardReadSchema = z.strictObject({
  key: boardKeySchema.optional(),
  prefix: z.string().max(128).optional().describe('All keys that begin so, with values'),
});

export const boardWriteSchema = z.strictObject({
  key: boardKeySchema,
  value: z.string().max(16_384).optional().describe('Left out: takes the key off'),
  expectedVersion: z
    .int()
    .nonnegative()
    .optional()
    .describe('Write only if the key has this version; 0: if it is not there'),
});

const noteKeySchema = z.string().min(1).max(NOTE_KEY_MAX);

export const notesReadSchema = z.strictObject({
  key: noteKeySchema.optional(),
  prefix: z.string().max(NOTE_KEY_MAX).optional().describe('All keys that begin so, with values'),
});

export const notesWriteSchema = z.strictObject({
  key: noteKeySchema,
  value: z.string().max(NOTE_VALUE_MAX).optional().describe('Left out: takes the note off'),
  expectedVersion: z
    .int()
    .nonnegative()
    .optional()
    .describe('Write only if the note has this version; 0: if it is not there'),
});

export const BUILT_IN = {
  spawn: 'spawn_agent',
  await: 'await_agents',
  progress: 'report_progress',
  message: 'send_message',
  awaitMessage: 'await_message',
  subscribe: 'subscribe',
  ask: 'ask_human',
  think: 'think',
  now: 'now',
  readResult: 'read_result',
  boardRead: 'board_read',
  boardWrite: 'board_write',
  notesRead: 'notes_read',
  notesWrite: 'notes_write',
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

/** What a model is told of the arguments of a spawn: it has no bytes to send. */
const spawnOfferSchema = spawnArgumentsSchema.extend({
  attachments: z
    .array(z.strictObject({ id: z.string() }))
    .optional()
    .describe('Files that you were given'),
});

const spawnTool = modelTool(
  BUILT_IN.spawn,
  'Start an agent below you on a part of your task. It runs beside you; collect it with await_agents. ' +
    'Its limits are taken out of yours.',
  spawnOfferSchema,
);

const MOST_KNOWN = 100;
/** By what they say of templates: what an offer weighs is worked out once for each object. */
const spawnTools = new Map([['', spawnTool]]);

function spawnToolWith(templates: string): ModelTool {
  const known = spawnTools.get(templates);
  if (known !== undefined) return known;
  const tool = { ...spawnTool, description: spawnTool.description + templates };
  if (spawnTools.size >= MOST_KNOWN) spawnTools.clear();
  spawnTools.set(templates, tool);
  return tool;
}

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

const messageTool = modelTool(
  BUILT_IN.message,
  'Tell agents of your tree something; they read it at their next turn.',
  sendMessageSchema,
);

const subscribeTool = modelTool(
  BUILT_IN.subscribe,
  'Be told what agents of your tree send to a topic.',
  subscribeSchema,
);

const awaitMessageTool = modelTool(
  BUILT_IN.awaitMessage,
  'Wait until you are told something, by an agent or by the user.',
  awaitMessageSchema,
);

const thinkTool = modelTool(BUILT_IN.think, 'Write down a thought; it does nothing.', thinkSchema);

const askTool = modelTool(
  BUILT_IN.ask,
  'Ask a person what you can not find out and need to go on; it may take long.',
  askSchema,
);

const nowTool = modelTool(BUILT_IN.now, 'The date and time.', nowSchema);

const readResultTool = modelTool(
  BUILT_IN.readResult,
  'Read by page an earlier result of a tool or child that was left out, or an attachment that is text.',
  readResultSchema,
);

const boardReadTool = modelTool(
  BUILT_IN.boardRead,
  'Read the board that all agents of your tree share. Without arguments: which keys there are.',
  boardReadSchema,
);

const boardWriteTool = modelTool(
  BUILT_IN.boardWrite,
  'Write a text on the board that all agents of your tree share.',
  boardWriteSchema,
);

const notesTools = [
  modelTool(
    BUILT_IN.notesRead,
    'Read the notes that agents of your kind have kept for later ones. Without arguments: which there are.',
    notesReadSchema,
  ),
  modelTool(
    BUILT_IN.notesWrite,
    'Keep a text for agents of your kind that come after you.',
    notesWriteSchema,
  ),
];

/**
 * The tools that every agent has, as far as there is, or can be, somebody to use them for.
 *
 * @param templates what is said of those that it may name
 * @param hasResults tools of servers, or children, answer it
 * @param hasNotes its template keeps notes
 */
export function builtInTools({
  maySpawn,
  hasParent,
  templates = '',
  hasResults = false,
  hasNotes = false,
}: {
  readonly maySpawn: boolean;
  readonly hasParent: boolean;
  readonly templates?: string;
  readonly hasResults?: boolean;
  readonly hasNotes?: boolean;
}): ModelTool[] {
  const hasOthers = maySpawn || hasParent;
  return [
    ...only(maySpawn, [spawnToolWith(templates), awaitTool]),
    progressTool,
    ...only(hasOthers, [messageTool, awaitMessageTool, subscribeTool]),
    ...[askTool, thinkTool, nowTool],
    ...only(hasResults, [readResultTool]),
    ...only(hasOthers, [boardReadTool, boardWriteTool]),
    ...only(hasNotes, notesTools),
  ];
}

function only(isSo: boolean, tools: readonly ModelTool[]): readonly ModelTool[] {
  return isSo ? tools : [];
}
