import { z } from 'zod';
import type { ModelMessage } from '../models/model.port.js';
import { objectInJson } from '../output/parsed-json.js';
import type { PartResult, Step } from './contract/strategy.port.js';
import { readNote, type StrategyNote } from './strategy-note.js';

const reportsSchema = z.object({
  agents: z.array(
    z.object({
      agentId: z.string(),
      status: z.string(),
      output: z.string().optional(),
      failure: z.object({ reason: z.string(), message: z.string() }).optional(),
    }),
  ),
});
const spawnedSchema = z.object({ agentId: z.string() });

type Answer = Extract<ModelMessage, { readonly role: 'assistant' }>;
type Report = z.infer<typeof reportsSchema>['agents'][number];

/** What a strategy reads in the conversation of its agent. */
export interface ToldConversation {
  readonly steps: readonly Step[];
  /** What was said to the agent since its task. */
  readonly said: readonly string[];
  /** The last answer, if it was not taken. */
  readonly answered?: string;
  /** The agent goes on as one without a strategy. */
  readonly isAlone: boolean;
  /** Earlier turns were left out of it. */
  readonly isCut: boolean;
}

export function toldConversation(messages: readonly ModelMessage[]): ToldConversation {
  const results = new Map(
    messages.flatMap((message) =>
      message.role === 'tool' ? [[message.toolCallId, message] as const] : [],
    ),
  );
  const answers = messages.filter((message): message is Answer => message.role === 'assistant');
  const noted = answers.flatMap((answer) => {
    const note = readNote(answer.thinking);
    return note === undefined ? [] : [{ note, answer }];
  });
  const last = answers.at(-1);
  return {
    steps: noted.map(({ note, answer }) => stepOf(note, answer, results)),
    said: messages.slice(1).flatMap((message) => (message.role === 'user' ? [message.text] : [])),
    ...(last?.toolCalls.length === 0 && { answered: last.text }),
    isAlone: noted.some(({ note }) => note.stage === 'alone'),
    isCut: noted.some(({ note }, at) => note.turn !== at),
  };
}

type Told = Extract<ModelMessage, { readonly role: 'tool' }>;
type Results = ReadonlyMap<string, Told>;

function stepOf(
  { stage, parts }: StrategyNote,
  { text, toolCalls }: Answer,
  results: Results,
): Step {
  const told = (at: number) => results.get(toolCalls[at]?.id ?? '');
  const awaited = objectInJson(told(parts.length)?.content ?? '');
  const reports = reportsSchema.safeParse(awaited).data?.agents;
  return {
    stage,
    text,
    results: parts.map((part, at) => ({ ...part, ...partResult(told(at), reports) })),
  };
}

function partResult(
  spawned: Told | undefined,
  reports: readonly Report[] | undefined,
): Omit<PartResult, 'key' | 'title'> {
  const content = spawned?.content ?? '';
  const agentId = spawnedSchema.safeParse(objectInJson(content)).data?.agentId;
  if (spawned?.isError !== false || agentId === undefined) {
    return { status: 'refused', problem: refusalIn(content) };
  }
  if (reports === undefined) return { status: 'unknown', problem: LEFT_OUT };
  return resultOf(reports.find((report) => report.agentId === agentId));
}

const LEFT_OUT = 'its result was left out of the conversation to save room';

function resultOf(report: Report | undefined): Omit<PartResult, 'key' | 'title'> {
  if (report === undefined) return { status: 'unknown', problem: 'nothing is known of it' };
  const { status, output: text, failure } = report;
  if (status === 'completed' && text !== undefined) return { status, text };
  const why = failure === undefined ? '' : ` (${failure.reason}: ${failure.message})`;
  const partial = text === undefined ? '' : `; so far: ${text.slice(0, 500).toWellFormed()}`;
  return { status, problem: `${STATUS_WORDS[status] ?? status}${why}${partial}` };
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  running: 'not done in time',
  queued: 'not begun in time',
  waiting: 'not done in time',
  expired: 'its time was over',
  exhausted: 'its budget was used up',
};

function refusalIn(content: string): string {
  const { message } = objectInJson(content) ?? {};
  return typeof message === 'string' ? message : content.slice(0, 500).toWellFormed();
}
