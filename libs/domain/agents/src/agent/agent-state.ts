import type {
  AgentEventData,
  AgentId,
  AgentSpec,
  AgentStatus,
  EndStatus,
  Extension,
  Failure,
  Limits,
  OnParentClose,
  Spent,
  Text,
} from '@skynet/contracts';
import type { ConversationEntry } from './conversation.js';
import type { UnreadMessage } from './message-text.js';

/** A child of this agent; `ended` is absent while it lives. */
export interface Child {
  readonly argsHash: string;
  readonly limits: Limits;
  readonly onParentClose: OnParentClose;
  readonly ended?: {
    readonly status: EndStatus;
    readonly spent: Spent;
    readonly output?: Text;
    readonly failure?: Failure;
  };
  /** An await has handed its result to the model. */
  readonly collected: boolean;
}

/** Tokens and money set aside for the model call under way. */
export interface OpenModelCall {
  readonly callId: string;
  readonly held: AgentEventData<'ModelCallStarted'>['held'];
  readonly windDown: boolean;
  /** Its answer is a summary, for a window of so many tokens. Absent: the agent goes on with its answer. */
  readonly summaryFor?: number;
  /** It goes to the model for summaries, which is not the agent's own. Default: false. */
  readonly isByOther?: true;
}

/** What to do with a call that a dead worker may or may not have made. */
export type RecoveryPolicy = AgentEventData<'ToolCallStarted'>['recovery'];

export interface OpenToolCall {
  readonly name: string;
  /** `asked` calls wait to be started, `inDoubt` and `question` ones for an answer. */
  readonly stage: 'asked' | 'started' | 'inDoubt' | 'question';
  readonly attempt: number;
  /** Set when the call is started. */
  readonly recovery?: RecoveryPolicy;
  /** What the answer to a question has to be, and until when it is waited for. */
  readonly question?: { readonly choices?: readonly string[]; readonly deadlineMs?: number };
  /** What its server wanted to know last, and was told. */
  readonly input?: AgentEventData<'ToolInputRequired'> & {
    readonly given: readonly AgentEventData<'ToolInputGiven'>[];
    /** How often its server has asked. */
    readonly rounds: number;
    /** The try that it asked in. */
    readonly askedIn: number;
  };
  /** Its server goes on with it under this id, and is asked what became of it. Absent: it answers in the call itself. */
  readonly taskId?: string;
}

/** Whether somebody makes it now; its server may be asking people meanwhile. */
export function isUnderWay({ stage, input }: OpenToolCall): boolean {
  return stage === 'started' || (stage === 'question' && input?.isOpen === true);
}

/** What a request with its answer came to, by whoever counted its tokens. */
export interface CountedRequest {
  readonly tokens: number;
  /** UTF-8 bytes, as requests are bounded by. */
  readonly bytes: number;
  /** Entries of the conversation that are in them. */
  readonly entries: number;
}

export type OpenAwait = AgentEventData<'AwaitStarted'>;

/** Whether it waits for no child, but for a message. */
export function isForMessage({ childIds, needed }: OpenAwait): boolean {
  return childIds.length === 0 && needed > 0;
}

/** What the agents of a tree have written for each other; the root's stream holds it. */
export interface Board {
  /** Of the last write: how many there were. */
  readonly version: number;
  /** In the order of their last writes. */
  readonly keys: readonly BoardKey[];
  /** Of each agent that has written, the writes of its newest turn with a write: a repeat can be of no earlier one. */
  readonly turns: readonly BoardTurn[];
}

export interface BoardKey {
  readonly key: string;
  /** Of the write that left it so. */
  readonly version: number;
  readonly value: Text;
  readonly by: AgentId;
}

interface BoardTurn {
  readonly agentId: AgentId;
  /** Number of the model call whose answer asked for the writes. */
  readonly turn: number;
  readonly writes: readonly { readonly toolCallId: string; readonly version: number }[];
}

/** An agent between its first and its last event, and after it. */
export interface SpawnedAgent {
  readonly phase: 'queued' | 'admitted' | 'running' | 'waiting' | EndStatus;
  readonly spawned: AgentEventData<'AgentSpawned'>;
  /** The model that is asked, where another one than that of the spawn was chosen. */
  readonly model?: AgentEventData<'ModelChosen'>['model'];
  /** Models whose calls failed so that another one was chosen, and what they said. */
  readonly triedModels?: readonly { readonly model: string; readonly reason: string }[];
  /** Revision of the last event. */
  readonly revision: number;
  readonly paused: boolean;
  /** Count of runs. */
  readonly epoch: number;
  /** Revision of the event that queued the agent: names its turn in the queue. */
  readonly queuedRevision: number;
  /** Revision of the last admission. */
  readonly dispatchId: number;
  /** Id of the command that started the last run. */
  readonly startedBy?: string;
  /** The worker of the last run. */
  readonly workerId?: string;
  /** Number of the rules of the last run. */
  readonly rules: number;
  readonly runsWithoutStep: number;
  readonly modelCalls: number;
  readonly failedAttempts: number;
  /** An answer of its did not fit the schema of its output. Default: false. */
  readonly outputRejected?: boolean;
  readonly modelCall?: OpenModelCall;
  readonly toolCalls: ReadonlyMap<string, OpenToolCall>;
  /** While it waits for its provider: when that is asked again, epoch milliseconds. */
  readonly wakeAtMs?: number;
  readonly awaits: ReadonlyMap<string, OpenAwait>;
  readonly children: ReadonlyMap<AgentId, Child>;
  /** Own calls and ended children. */
  readonly spent: Spent;
  readonly conversation: readonly ConversationEntry[];
  /** Upper bound of the conversation in UTF-8 bytes. */
  readonly conversationBytes: number;
  readonly conversationHash: string;
  /** The model for summaries has failed at the one that is due. Default: false. */
  readonly failedSummariser?: true;
  /** How often it was compacted. Default: 0. */
  readonly compactions?: number;
  /** The last request that was answered, with its answer, less what was left out since; absent while nobody has counted one. */
  readonly counted?: CountedRequest;
  readonly lastText?: Text;
  /** Parts of a shared history so far; absent when there is none or it is complete. */
  readonly sharedParts?: number;
  /** Told to the model as soon as no call is open. */
  readonly message?: Text;
  /** Told to the model with the next call, in this order. */
  readonly unread: readonly UnreadMessage[];
  /** What is sent to them it is told. Default: none. */
  readonly topics?: readonly string[];
  /** Of its limits, and of those of its children: each is made once. */
  readonly extensions?: readonly { readonly id: string; readonly add: Extension }[];
  /** Of a root; absent while nobody has written on it. */
  readonly board?: Board;
  /** Ids of commands whose repeat could otherwise take effect again. */
  readonly handled: ReadonlySet<string>;
}

export type AgentState =
  | { readonly phase: 'absent' }
  | { readonly phase: 'refused'; readonly reason: string }
  | SpawnedAgent;

export const absentAgent: AgentState = { phase: 'absent' };

export function isSpawned(state: AgentState): state is SpawnedAgent {
  return state.phase !== 'absent' && state.phase !== 'refused';
}

const LIVE_PHASES = ['queued', 'admitted', 'running', 'waiting'] as const;

export type LiveAgent = SpawnedAgent & { readonly phase: (typeof LIVE_PHASES)[number] };

export function isLive(state: AgentState): state is LiveAgent {
  return (LIVE_PHASES as readonly string[]).includes(state.phase);
}

/** The model that is asked. */
export function modelOf({
  model,
  spawned,
}: Pick<SpawnedAgent, 'model' | 'spawned'>): AgentSpec['model'] {
  return { ...spawned.spec.model, ...model };
}

/** The state as readers see it. */
export function statusOf(state: SpawnedAgent): AgentStatus {
  if (isLive(state) && state.paused) return 'paused';
  return state.phase === 'admitted' ? 'queued' : state.phase;
}

/** Children that have not ended. */
export function liveChildren(state: SpawnedAgent): [AgentId, Child][] {
  return [...state.children].filter(([, child]) => child.ended === undefined);
}
