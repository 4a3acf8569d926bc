import type { AgentEvent } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import type { AgentDecider } from '../decisions/agent.decider.js';
import { isSpawned, type AgentState, type SpawnedAgent } from '../agent/agent-state.js';
import type { RunContext } from '../agent/agent-command.js';
import { commitOf, findData, type DecisionEvents, type LoggedEvent } from './logged-event.js';
import { promptSizes } from './prompt-size.js';
import { recordedCommand, recoveriesIn } from './recorded-command.js';
import { windowIn } from './recorded-window.js';
import type { ReplayFacts } from './replay-facts.js';

/** Where a log and the rules part. */
export interface Divergence {
  readonly revision: number;
  /** What the log holds there; absent where it ends too early. */
  readonly recorded?: AgentEvent;
  /** What the rules say; absent when they say that nothing happens. */
  readonly expected?: AgentEvent;
  readonly reason: string;
  /** Revisions of what came from outside since the last request that fits: one of them may have been altered. */
  readonly suspects?: readonly number[];
}

export type Verdict =
  | { readonly agrees: true; readonly events: number }
  | { readonly agrees: false; readonly divergence: Divergence };

/** What a request carries beside its conversation, as far as it can be rebuilt. */
export interface Prompt extends Partial<Pick<RunContext, 'promptBytes' | 'promptHash'>> {
  /** The size of each request is taken from the log, also within a run. */
  readonly isTrusted?: boolean;
}

export interface Means {
  readonly decider: AgentDecider;
  /** Equal for equal data, whatever the order of keys. */
  readonly hashOf: (value: unknown) => string;
  readonly read: ReplayFacts['read'];
}

/**
 * Decides everything in one agent's log again. The state is folded from what the log holds, so each decision is judged
 * by itself; whoever stops at the first divergence has found the first event that the rules would not write.
 */
export class Verification {
  state: AgentState;
  private prompt: Prompt = {};
  private outside: number[] = [];
  private knownBytes: { readonly epoch: number; readonly bytes: number } | undefined;

  constructor(private readonly means: Means) {
    this.state = means.decider.initialState;
  }

  /** What requests carry from here on. Default: nobody can tell. */
  offer(prompt: Prompt): void {
    this.prompt = prompt;
  }

  /** Judges the decision that these events begin with, and moves on behind it when it agrees. */
  take(decision: DecisionEvents, read: ReplayFacts['read'] = this.means.read): Verdict {
    let best: Verdict | undefined;
    let reached = -1;
    for (const context of this.contexts(decision)) {
      const verdict = this.judge(decision, { read, context });
      if (verdict.agrees) {
        this.moveBehind(decision.events.slice(0, verdict.events), context);
        return verdict;
      }
      if (verdict.divergence.revision > reached) {
        best = verdict;
        reached = verdict.divergence.revision;
      }
    }
    return best ?? { agrees: true, events: 0 };
  }

  private judge(decision: DecisionEvents, facts: ReplayFacts): Verdict {
    const { events, isWhole } = decision;
    const [first] = events;
    if (first === undefined) return { agrees: true, events: 0 };
    const command = recordedCommand(this.state, decision, facts);
    if (command === undefined) return this.no(first, 'no command leads to this event here');
    const decided = this.means.decider.decide(command, this.state);
    if (isRefused(decided)) return this.no(first, `the rules refuse it: ${decided.refused.code}`);
    const expected = decided.events;
    const length = isWhole ? Math.max(expected.length, events.length) : expected.length;
    for (let index = 0; index < Math.max(1, length); index += 1) {
      if (this.isSame(events[index], expected[index])) continue;
      const revision = first.revision + index;
      const divergence = this.differing(events, index, expected[index]);
      return { agrees: false, divergence: { revision, ...divergence } };
    }
    return { agrees: true, events: expected.length };
  }

  private no(recorded: LoggedEvent, reason: string): Verdict {
    const { revision } = recorded;
    return { agrees: false, divergence: { revision, recorded: plain(recorded), reason } };
  }

  private differing(
    events: readonly LoggedEvent[],
    index: number,
    expected: AgentEvent | undefined,
  ) {
    const recorded = events[index];
    const both = {
      ...(recorded === undefined ? {} : { recorded: plain(recorded) }),
      ...(expected === undefined ? {} : { expected: plain(expected) }),
    };
    if (recorded === undefined) return { ...both, reason: 'the log lacks an event' };
    if (expected === undefined) return { ...both, reason: 'the rules say that nothing happens' };
    if (recorded.type !== expected.type) {
      return { ...both, reason: `the rules say ${expected.type}` };
    }
    const isRequest = recorded.type === 'ModelCallStarted';
    const own = events.slice(0, index).filter(isFromOutside);
    const suspects = [...this.outside, ...own.map(({ revision }) => revision)];
    return { ...both, reason: 'its data differs', ...(isRequest && { suspects }) };
  }

  private isSame(recorded: LoggedEvent | undefined, expected: AgentEvent | undefined): boolean {
    if (recorded === undefined || expected === undefined) return recorded === expected;
    return this.hashOf(recorded) === this.hashOf(expected);
  }

  /** Without the prompt, the hash of a request is nobody's to tell. */
  private hashOf({ type, data }: AgentEvent): string {
    const isUntold = type === 'ModelCallStarted' && this.prompt.promptHash === undefined;
    return this.means.hashOf([type, isUntold ? { ...data, requestHash: '' } : data]);
  }

  private *contexts(decision: DecisionEvents): Iterable<RunContext> {
    const { state } = this;
    if (!isSpawned(state)) {
      yield { promptBytes: 0, promptHash: '', recoveries: {} };
      return;
    }
    const recoveries = recoveriesIn(state, decision);
    const window = windowIn(decision);
    const tools = findData(commitOf(decision), 'ToolsOffered');
    const model = findData(beforeRequest(decision), 'ModelChosen');
    for (const prompt of this.prompts(state, decision)) {
      yield { ...prompt, ...window, recoveries, tools, model, asksAgain: true };
      yield { ...prompt, ...window, recoveries, tools, model };
      yield { ...prompt, recoveries, model, draining: 'yield' };
      yield { ...prompt, recoveries, model, draining: 'keep' };
    }
  }

  private *prompts(
    state: SpawnedAgent,
    decision: DecisionEvents,
  ): Iterable<Pick<RunContext, 'promptBytes' | 'promptHash'>> {
    const { decider } = this.means;
    const { promptHash = '', promptBytes, isTrusted = false } = this.prompt;
    const known = isTrusted ? undefined : (promptBytes ?? this.bytesOfRun(state, decision));
    for (const bytes of promptSizes({ state, decision, known, decider })) {
      yield { promptBytes: bytes, promptHash };
    }
  }

  /** Until other tools are offered, or another model is asked. */
  private bytesOfRun({ epoch }: SpawnedAgent, decision: DecisionEvents): number | undefined {
    const isNew = commitOf(decision).some(({ type }) => CHANGES_REQUESTS.has(type));
    return isNew || this.knownBytes?.epoch !== epoch ? undefined : this.knownBytes.bytes;
  }

  private moveBehind(events: readonly LoggedEvent[], { promptBytes }: RunContext): void {
    for (const event of events) {
      this.state = this.means.decider.evolve(this.state, event);
      if (isFromOutside(event)) this.outside.push(event.revision);
      if (event.type !== 'ModelCallStarted' || !isSpawned(this.state)) continue;
      this.outside = [];
      this.knownBytes = { epoch: this.state.epoch, bytes: promptBytes };
    }
  }
}

/** Its events up to the first request, where a log does not tell which ones are its own. */
function beforeRequest({ events }: DecisionEvents): readonly LoggedEvent[] {
  const request = events.findIndex(({ type }) => type === 'ModelCallStarted');
  return request < 0 ? events : events.slice(0, request);
}

const CHANGES_REQUESTS: ReadonlySet<string> = new Set([
  'RunStarted',
  'ToolsOffered',
  'ModelChosen',
]);

const FROM_OUTSIDE: ReadonlySet<string> = new Set([
  'AgentSpawned',
  'ModelCallSettled',
  'ToolCallSettled',
  'ChildEnded',
  'MessageReceived',
]);

function isFromOutside({ type }: LoggedEvent): boolean {
  return FROM_OUTSIDE.has(type);
}

function plain({ type, data }: AgentEvent): AgentEvent {
  return { type, data } as AgentEvent;
}
