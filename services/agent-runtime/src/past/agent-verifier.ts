import type { AgentEvent, Text } from '@skynet/contracts';
import {
  commitOf,
  decisionAt,
  isSpawned,
  Verification,
  type AgentDecider,
  type DecisionEvents,
  type Divergence,
  type LoggedEvent,
  type SpawnedAgent,
} from '@skynet/domain-agents';
import { hashOf, readText, type PayloadStore } from '@skynet/platform';
import { ModelRerun, type RerunDependencies } from './model-rerun.js';
import { pauseForOthers } from './pauses.js';
import { readRecorded } from './recorded-calls.js';

export interface Counted {
  checked: number;
  unchecked: number;
}

/** How much of an agent's log was decided again, and where it parts from the rules. */
export interface AgentReport {
  readonly decisions: number;
  readonly requests: Counted;
  readonly answers: Counted;
  readonly divergence?: Divergence;
}

/** Lives one agent again, from its log alone: its decisions, and the answers of models that are programs. */
export class AgentVerifier {
  private readonly requests: Counted = { checked: 0, unchecked: 0 };
  private readonly answers: Counted = { checked: 0, unchecked: 0 };
  private decisions = 0;

  private constructor(
    private readonly verification: Verification,
    private readonly rerun: ModelRerun | undefined,
    private readonly payloads: PayloadStore,
  ) {}

  static async verify(
    events: readonly LoggedEvent[],
    deps: RerunDependencies & { readonly decider: AgentDecider },
  ): Promise<AgentReport> {
    const [first] = events;
    const { decider, payloads } = deps;
    const born =
      first === undefined ? decider.initialState : decider.evolve(decider.initialState, first);
    const rerun = isSpawned(born) ? await ModelRerun.of(born, deps) : undefined;
    const read = readRecorded(wholeTexts(new Map()));
    const verification = new Verification({ decider, hashOf, read });
    return new AgentVerifier(verification, rerun, payloads).run(events);
  }

  private async run(events: readonly LoggedEvent[]): Promise<AgentReport> {
    for (let at = 0; at < events.length;) {
      await pauseForOthers();
      const decision = decisionAt(events, at);
      const foreign = (await this.checkOffer(decision)) ?? (await this.checkAnswer(decision));
      if (foreign !== undefined) return this.report(foreign);
      await this.followModel(decision);
      const verdict = this.verification.take(decision, await this.reader(decision));
      if (!verdict.agrees) return this.report(verdict.divergence);
      this.count(decision.events.slice(0, verdict.events));
      at += verdict.events;
    }
    return this.report();
  }

  private report(divergence?: Divergence): AgentReport {
    const { decisions, requests, answers } = this;
    return { decisions, requests, answers, ...(divergence === undefined ? {} : { divergence }) };
  }

  private count(events: readonly LoggedEvent[]): void {
    this.decisions += 1;
    const calls = events.filter(({ type }) => type === 'ModelCallStarted').length;
    this.requests[this.rerun?.knowsRequests === true ? 'checked' : 'unchecked'] += calls;
  }

  /** What a run offers is the same in all its requests, until it offers something else. */
  private async checkOffer(decision: DecisionEvents): Promise<Divergence | undefined> {
    const first = commitOf(decision).findLast(isOffer);
    if (first === undefined || this.rerun === undefined) return undefined;
    const isThere = await this.rerun.offerFrom(first.data.offered);
    this.verification.offer(this.rerun.prompt);
    if (isThere) return undefined;
    const { revision, type, data } = first;
    const reason = 'the payload store has no such definitions of tools';
    return { revision, recorded: { type, data } as AgentEvent, reason };
  }

  /** What was answered in the decision came from the model of before. */
  private async followModel(decision: DecisionEvents): Promise<void> {
    const chosen = commitOf(decision).findLast(({ type }) => type === 'ModelChosen');
    if (chosen?.type !== 'ModelChosen' || this.rerun === undefined) return;
    await this.rerun.ask(chosen.data.model.id);
    this.verification.offer(this.rerun.prompt);
  }

  /** Before the rules: they would take an altered answer as it stands. */
  private async checkAnswer({ events }: DecisionEvents): Promise<Divergence | undefined> {
    const { state } = this.verification;
    const [first] = events;
    if (first?.type !== 'ModelCallSettled' || !isSpawned(state)) return undefined;
    const checked = await this.checkOf(state, first);
    if (typeof checked === 'object') return checked;
    this.answers[checked === 'same' ? 'checked' : 'unchecked'] += 1;
    return undefined;
  }

  private async checkOf(
    state: SpawnedAgent,
    first: Extract<LoggedEvent, { readonly type: 'ModelCallSettled' }>,
  ) {
    const isAnswer = state.modelCall?.callId === first.data.callId;
    return isAnswer ? ((await this.rerun?.check(state, first)) ?? 'unknown') : 'unknown';
  }

  private async reader({ events }: DecisionEvents) {
    const { state } = this.verification;
    const [first] = events;
    const outcome = first?.type === 'ModelCallSettled' ? first.data.outcome : undefined;
    if (outcome?.kind !== 'answered' || !isSpawned(state)) return undefined;
    const texts = new Map<string, string>();
    for (const { arguments: text } of outcome.toolCalls) {
      if (typeof text === 'string') continue;
      texts.set(text.sha256, await readText(this.payloads, state.spawned.tenant, text));
    }
    return readRecorded(wholeTexts(texts));
  }
}

function isOffer(
  event: LoggedEvent,
): event is Extract<LoggedEvent, { readonly type: 'RunStarted' | 'ToolsOffered' }> {
  return event.type === 'RunStarted' || event.type === 'ToolsOffered';
}

function wholeTexts(fetched: ReadonlyMap<string, string>): (text: Text) => string {
  return (text) => (typeof text === 'string' ? text : (fetched.get(text.sha256) ?? ''));
}
