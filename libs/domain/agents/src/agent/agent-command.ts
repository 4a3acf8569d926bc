import type {
  AgentEventData,
  AgentId,
  AgentSpec,
  Attachment,
  Extension,
  Limits,
  PayloadRef,
  Text,
  Usage,
} from '@skynet/contracts';
import type { RecoveryPolicy } from './agent-state.js';
import type { StoredImage, ToolCall } from './conversation.js';

/** What the worker knows and the log does not: the size and the hash of instructions, task and offered tools. */
export interface RunContext {
  /** UTF-8 bytes that every request of this agent carries beside its conversation. */
  readonly promptBytes: number;
  readonly promptHash: string;
  /** Tokens that a request and its answer may have together. Absent where nobody knows: then nothing is left out. */
  readonly contextTokens?: number;
  /** Recovery policy of each offered tool that has effects outside. */
  readonly recoveries: Readonly<Record<string, RecoveryPolicy>>;
  /** How releases before numbered rules told that an answer without a word or a call is asked for once more. */
  readonly asksAgain?: true;
  /** What the requests from here on offer, where that is not in the log yet. */
  readonly tools?: AgentEventData<'ToolsOffered'>;
  /** The model that requests from here on go to, where that is not in the log yet. */
  readonly model?: AgentEventData<'ModelChosen'>;
  /**
   * Record outcomes, start nothing. `yield`: the worker is shutting down and gives the agent back to the queue; `keep`: it
   * waits for the agent's tools (and workers left agents so before runs could be handed over in the log).
   */
  readonly draining?: 'yield' | 'keep';
}

/** `unknown`: the call may or may not have happened; the recovery policy says what follows. */
export type ToolOutcome =
  | {
      readonly kind: 'settled';
      readonly content: Text;
      readonly isError: boolean;
      readonly images?: readonly StoredImage[];
      readonly attachments?: readonly Attachment[];
      /** No call was made: this is what the same call has answered before. */
      readonly fromCache?: true;
    }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The server wants to know something first; then the call is made again. */
  | { readonly kind: 'asks'; readonly requests: readonly InputRequest[]; readonly state?: Text };

export type InputRequest = AgentEventData<'ToolInputRequired'>['requests'][number];

/** A tool call of the model's answer, understood by the worker. */
export type RequestedCall = { readonly call: ToolCall } & (
  | { readonly kind: 'invalid'; readonly message: string }
  /** The worker knows the answer. */
  | { readonly kind: 'told'; readonly content: Text }
  | { readonly kind: 'progress'; readonly message: string; readonly percent?: number }
  | { readonly kind: 'spawn'; readonly childId: AgentId; readonly spec: AgentSpec }
  | {
      readonly kind: 'await';
      /** Absent: every child whose result was not handed over yet. */
      readonly childIds?: readonly AgentId[];
      readonly mode: 'all' | 'any' | 'quorum';
      readonly quorum?: number;
      readonly deadlineMs?: number;
    }
  | { readonly kind: 'awaitMessage'; readonly deadlineMs?: number }
  | {
      readonly kind: 'ask';
      readonly question: string;
      /** The answer is one of them. Default: whatever people say. */
      readonly choices?: readonly string[];
      readonly deadlineMs?: number;
    }
  | {
      readonly kind: 'message';
      /** `parent`, `children` or `siblings` for all that have not ended, `tree`, `topic:` and its name, or the id of one. */
      readonly to: string;
      /** Those that have not ended, as the worker knows them. Absent where none is meant. */
      readonly siblings?: readonly AgentId[];
      /** Others of the tree that it is for and that have not ended, as the worker knows them. */
      readonly others?: readonly AgentId[];
      /** Subscribers that have. */
      readonly ended?: readonly AgentId[];
      readonly text: Text;
      readonly interrupts: boolean;
    }
  | { readonly kind: 'topic'; readonly topic: string; readonly isLeft: boolean }
  | { readonly kind: 'external' }
);

/** `fits`: the JSON in it; `misfits`: what is wrong, a line each. */
export type CheckedOutput =
  | { readonly kind: 'fits'; readonly output: Text }
  | { readonly kind: 'misfits'; readonly mistakes: string };

export type ModelOutcome =
  | {
      readonly kind: 'answered';
      readonly text: Text;
      readonly calls: readonly RequestedCall[];
      readonly thinking?: Text;
      /** Of a last answer where the agent has a schema for it. */
      readonly checked?: CheckedOutput;
      /** Of a call for a summary: what takes the place of what was said. */
      readonly summary?: Text;
    }
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly retryable: boolean;
      /** The worker will not try again. */
      readonly final: boolean;
      /** It will not try before: the slot is given back until then. Epoch milliseconds. */
      readonly notBeforeMs?: number;
    }
  /** Cut off for a message. */
  | { readonly kind: 'interrupted' };

/** What the start of a run records. */
interface NewRun {
  readonly workerId: string;
  /** Definitions of the tools that this run offers, in the payload store by now. */
  readonly offered: PayloadRef | null;
  /** Number of the rules of the run, see `RULES`. */
  readonly rules: number;
  readonly keepsSlot: boolean;
  readonly context: RunContext;
}

interface CommandData {
  SpawnAgent: AgentEventData<'AgentSpawned'>;
  /** A client asks for a child of this agent. */
  ReserveChild: { readonly childId: AgentId; readonly spec: AgentSpec };
  /** A client asks for a child in the place of one that has ended; `told` says so to this agent. */
  RetryChild: {
    readonly spec: AgentSpec;
    readonly retried: AgentEventData<'ChildRetried'>;
    readonly told: Omit<AgentEventData<'MessageReceived'>, 'interrupts'>;
  };
  /** The agent begins with a history; sent again until no part is missing. */
  ForkAgent: {
    readonly spawned: AgentEventData<'AgentSpawned'>;
    readonly parts: readonly AgentEventData<'HistoryShared'>[];
    readonly forked: AgentEventData<'AgentForked'>;
    /** Children that had not ended, each to be forked itself. */
    readonly reserved: readonly AgentEventData<'ChildReserved'>[];
    /** In whose place the agent is. Default: in none. */
    readonly retryOf?: AgentId;
  };
  AdmitAgent: { readonly queuedRevision: number };
  /** The agent takes a slot that its worker has and starts on it, in one decision. */
  BeginRun: NewRun & {
    readonly slot: AgentEventData<'AgentAdmitted'>['slot'];
    /** What queued the agent, when the slot is for that turn only. Default: the slot is for whatever queued it. */
    readonly queuedRevision?: number;
  };
  RefuseAgent: { readonly message: string };
  StartRun: NewRun & {
    readonly dispatchId: number;
    /** The worker whose run is taken over: its lease is gone, or it is this one and does not run the agent any more. */
    readonly lostWorkerId?: string;
  };
  /** The worker goes on after a pause of its own, e.g. between two tries of a model call. */
  ContinueRun: { readonly epoch: number; readonly context: RunContext };
  RecordModelOutcome: {
    readonly epoch: number;
    readonly callId: string;
    readonly usage: Usage;
    readonly cached?: AgentEventData<'ModelCallSettled'>['cached'];
    readonly fromCache?: AgentEventData<'ModelCallSettled'>['fromCache'];
    readonly outcome: ModelOutcome;
    readonly context: RunContext;
  };
  RecordToolOutcome: {
    readonly epoch: number;
    readonly toolCallId: string;
    /** Which try of the call this is about. */
    readonly attempt: number;
    readonly outcome: ToolOutcome;
    readonly context: RunContext;
  };
  /** The server of a call under way wants to know something. */
  AskDuringCall: {
    readonly epoch: number;
    readonly toolCallId: string;
    readonly attempt: number;
    readonly request: InputRequest;
  };
  /** The server of a call under way does not want to know it any more. */
  WithdrawQuestion: {
    readonly epoch: number;
    readonly toolCallId: string;
    readonly attempt: number;
    /** Of its request. */
    readonly key: string;
  };
  /** The server of a call under way goes on with it as a task. */
  RecordToolTask: AgentEventData<'ToolTaskStarted'> & {
    readonly epoch: number;
    readonly attempt: number;
  };
  /** What a tool call under way tells of itself. */
  ReportToolProgress: AgentEventData<'ProgressReported'> & { readonly epoch: number };
  SendAgentMessage: AgentEventData<'MessageReceived'>;
  /** Of a root: a client tells all of its tree something; `to` are the others that have not ended. */
  BroadcastMessage: AgentEventData<'MessageBroadcast'>;
  /** Of a root, by an agent of its tree. No `value`: the key is taken off; no `expectedVersion`: whatever it has. */
  WriteBoard: Omit<AgentEventData<'BoardWritten'>, 'version'> & {
    /** 0: the key is not there. */
    readonly expectedVersion?: number;
  };
  /** Of a root. */
  ExtendAgent: {
    readonly add: Extension;
    readonly by: string;
    /** No limit that is asked for gets above these. */
    readonly most?: Partial<Limits>;
  };
  /** Sent to the parent, before the child is told. */
  ExtendChild: { readonly childId: AgentId; readonly add: Extension; readonly by: string };
  /** What the parent has set aside. */
  TakeExtension: AgentEventData<'LimitsExtended'>;
  PauseAgent: Record<never, never>;
  ResumeAgent: Record<never, never>;
  /** `reserved`: the sender knows that a parent set limits aside for this agent. */
  TerminateAgent: { readonly reason: string; readonly reserved: boolean };
  ExpireAgent: Record<never, never>;
  EndAwait: { readonly toolCallId: string };
  /** The time that it waits for has come. */
  WakeAgent: Record<never, never>;
  RecordChildEnded: AgentEventData<'ChildEnded'>;
  AnswerAgent: {
    readonly toolCallId: string;
    readonly answer:
      | { readonly decision: 'retry' }
      | { readonly decision: 'happened' | 'failed'; readonly text: Text };
  };
}

export type AgentCommandName = keyof CommandData;

/** A request to one agent. The same id is the same command; `nowMs` is epoch milliseconds. */
export type AgentCommand = {
  [Type in AgentCommandName]: {
    readonly id: string;
    readonly type: Type;
    readonly nowMs: number;
    readonly data: CommandData[Type];
  };
}[AgentCommandName];

export type AgentCommandOf<Type extends AgentCommandName> = Extract<
  AgentCommand,
  { readonly type: Type }
>;
