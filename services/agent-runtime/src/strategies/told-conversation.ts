import { z } from 'zod';
import type { ModelMessage } from '../models/model.port.js';
import { WIND_DOWN } from '../prompt/wind-down.js';
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
  /** That were taken, with those that strategies know nothing of. */
  readonly turns: number;
  /** What was said to the agent since its task. */
  readonly said: readonly string[];
  /** The last answer, if it was not taken. */
  readonly answered?: string;
  /** The agent goes on as one without a strategy. */
  readonly isAlone: boolean;
  /** Earlier turns were left out of it. */
  readonly isCut: boolean;
  /** Agents are still at work, and a message has ended the wait for them. */
  readonly isInterrupted: boolean;
}

/** Of a turn that goes on with a wait which a message has ended; strategies know nothing of it. */
export const STILL_WAITING = 'still waiting';

export function toldConversation(messages: readonly ModelMessage[]): ToldConversation {
  const tools = messages.filter((message): message is Told => message.role === 'tool');
  const results: Results = {
    told: new Map(tools.map((message) => [message.toolCallId, message])),
    // The same agent may be told of again: what was told last counts.
    reports: new Map(
      tools.flatMap(({ content }) => reportsIn(content)).map((report) => [report.agentId, report]),
    ),
  };
  const answers = messages.filter((message): message is Answer => message.role === 'assistant');
  const noted = answers.flatMap((answer) => {
    const note = readNote(answer.thinking);
    return note === undefined ? [] : [{ note, answer }];
  });
  const last = answers.at(-1);
  const taken = noted.filter(({ note }) => note.stage !== STILL_WAITING);
  return {
    steps: taken.map(({ note, answer }) => stepOf(note, answer, results)),
    turns: noted.length,
    said: messages
      .slice(1)
      .flatMap((message) => (message.role === 'user' ? [message.text] : []))
      .filter((text) => text !== WIND_DOWN),
    ...(last?.toolCalls.length === 0 && { answered: last.text }),
    isAlone: noted.some(({ note }) => note.stage === 'alone'),
    isCut: noted.some(({ note }, at) => note.turn !== at),
    isInterrupted: last !== undefined && isInterrupted(last, results),
  };
}

type Told = Extract<ModelMessage, { readonly role: 'tool' }>;

interface Results {
  /** By id of the call. */
  readonly told: ReadonlyMap<string, Told>;
  /** By id of the agent. */
  readonly reports: ReadonlyMap<string, Report>;
}

function reportsIn(content: string): Report[] {
  return reportsSchema.safeParse(objectInJson(content)).data?.agents ?? [];
}

/** A message has ended its wait before the agents that it was for. */
function isInterrupted({ toolCalls }: Answer, { told }: Results): boolean {
  const content = told.get(toolCalls.at(-1)?.id ?? '')?.content ?? '';
  if (objectInJson(content)?.['reason'] !== 'message') return false;
  return reportsIn(content).some(({ status }) => LIVE.includes(status));
}

const LIVE: readonly string[] = ['queued', 'running', 'waiting', 'paused'];

function stepOf(
  { stage, parts }: StrategyNote,
  { text, toolCalls }: Answer,
  results: Results,
): Step {
  return {
    stage,
    text,
    results: parts.map((part, at) => ({
      ...part,
      ...partResult(results.told.get(toolCalls[at]?.id ?? ''), results),
    })),
  };
}

function partResult(
  spawned: Told | undefined,
  { reports }: Results,
): Omit<PartResult, 'key' | 'title'> {
  const content = spawned?.content ?? '';
  const agentId = spawnedSchema.safeParse(objectInJson(content)).data?.agentId;
  if (spawned?.isError !== false || agentId === undefined) {
    return { status: 'refused', problem: refusalIn(content) };
  }
  return resultOf(reports.get(agentId));
}

const LEFT_OUT = 'its result was left out of the conversation to save room';

function resultOf(report: Report | undefined): Omit<PartResult, 'key' | 'title'> {
  if (report === undefined) return { status: 'unknown', problem: LEFT_OUT };
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
