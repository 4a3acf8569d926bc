import { NO_USAGE, type SpawnedAgent } from '@skynet/domain-agents';
import type { ModelAnswer, ModelRequest } from '../models/model.port.js';
import { BUILT_IN } from '../tools/built-in-tools.js';
import type { Left, Part, StrategyTurn, Titled } from './contract/strategy.port.js';
import { fittedTexts } from './fitted-texts.js';
import { writeNote } from './strategy-note.js';
import { STILL_WAITING, type ToldConversation } from './told-conversation.js';

/** A turn that stands, or a request whose answer becomes one. */
export type WrittenTurn =
  | { readonly kind: 'said'; readonly answer: ModelAnswer }
  | {
      readonly kind: 'asks';
      readonly request: ModelRequest;
      readonly finish: (answer: ModelAnswer) => ModelAnswer;
    };

type Kind<Name extends StrategyTurn['kind']> = Extract<StrategyTurn, { readonly kind: Name }>;

interface Basis {
  readonly task: string;
  readonly told: ToldConversation;
  readonly left: Left;
  readonly overheadBytes: number;
  readonly contextTokens?: number;
}

const MAX_NAME_CHARS = 64;
const MAX_PROGRESS_CHARS = 500;
/** Around the texts of a request. */
const FRAME_BYTES = 512;
/** Fewest that text has for a token. */
const BYTES_PER_TOKEN = 2;
/** Of the tokens of an agent, what it may be told of others. */
const TOLD_PART = 0.4;
/** An agent that does not end in its time is not waited for any longer. */
const PATIENCE = 1.2;
/** Of the time that is left, for a wait that is gone on with. */
const AWAITED_PART = 0.8;

/** Writes what a strategy wants in the form in which models answer. */
export class TurnWriter {
  constructor(
    private readonly agent: SpawnedAgent,
    private readonly request: ModelRequest,
    private readonly basis: Basis,
  ) {}

  write(turn: StrategyTurn): WrittenTurn {
    switch (turn.kind) {
      case 'spawn':
        return { kind: 'said', answer: this.spawning(turn) };
      case 'think':
        return this.thinking(turn);
      case 'answer':
        return this.answering(turn);
      case 'say':
        return this.saying(turn);
      case 'alone': {
        const { reason: text } = turn;
        const calls = [progress(text)];
        return { kind: 'said', answer: this.noted({ text, toolCalls: calls }, 'alone', []) };
      }
    }
  }

  /** As any agent is asked, but for what it is offered. */
  alone(): WrittenTurn {
    const { messages, tools } = this.request;
    const spawning: readonly string[] = [BUILT_IN.spawn, BUILT_IN.await];
    const request = {
      ...this.request,
      messages: messages.map((message) =>
        message.role === 'assistant' && message.thinking?.startsWith('{"strategy":') === true
          ? { ...message, thinking: undefined }
          : message,
      ),
      tools: tools.filter(({ name }) => !spawning.includes(name)),
    };
    return { kind: 'asks', request, finish: (answer) => answer };
  }

  /** For those that are still at work. */
  awaiting(): WrittenTurn {
    const text = 'A message has come; goes on waiting for the agents that are at work.';
    const timeoutSeconds = Math.max(1, Math.floor(this.basis.left.seconds * AWAITED_PART));
    const wait = {
      name: BUILT_IN.await,
      arguments: JSON.stringify({ mode: 'all', timeoutSeconds }),
    };
    return { kind: 'said', answer: this.noted({ text, toolCalls: [wait] }, STILL_WAITING, []) };
  }

  private spawning({ reason, stage, parts, limits }: Kind<'spawn'>): ModelAnswer {
    const spawns = parts.map((part) => ({
      name: BUILT_IN.spawn,
      arguments: JSON.stringify({
        ...this.partArguments(part, limits.tokens ?? this.basis.left.tokens),
        limits,
      }),
    }));
    const { seconds } = limits;
    const timeout = seconds === undefined ? {} : { timeoutSeconds: Math.ceil(seconds * PATIENCE) };
    const wait = { name: BUILT_IN.await, arguments: JSON.stringify({ mode: 'all', ...timeout }) };
    return this.noted({ text: reason, toolCalls: [...spawns, wait] }, stage, parts);
  }

  private partArguments(
    { title, text, about = [], expected, template, model }: Part,
    tokens: number,
  ) {
    const { task } = this.basis;
    const whole = text.includes(task)
      ? []
      : [{ title: 'Your task is a part of this one', text: task }];
    const context = fittedTexts([...whole, ...this.said(), ...about], tokens * TOLD_PART);
    return {
      name: title.slice(0, MAX_NAME_CHARS).toWellFormed(),
      task: {
        description: text,
        ...(context !== '' && { context }),
        ...(expected !== undefined && { expectedOutput: expected }),
      },
      ...(template !== undefined && { template }),
      ...(model !== undefined && { model: { id: model } }),
    };
  }

  private thinking({ stage, reason, instruction, results }: Kind<'think'>): WrittenTurn {
    const request = this.asking(this.basis.task, instruction, results);
    const finish = (answer: ModelAnswer) => {
      const { usage, response, text } = answer;
      return { ...this.noted({ text, toolCalls: [progress(reason)] }, stage, []), usage, response };
    };
    return { kind: 'asks', request, finish };
  }

  private answering({ instruction, results, missing }: Kind<'answer'>): WrittenTurn {
    const { answered } = this.basis.told;
    const before = answered === undefined ? [] : [{ title: 'Your last answer', text: answered }];
    const lacks =
      missing.length === 0 ? '' : `\n\nMissing, say so where it matters:\n${listed(missing)}`;
    const request = this.asking(this.wholeTask(), `${instruction}${lacks}`, [
      ...results,
      ...before,
    ]);
    const finish = ({ text, usage, response }: ModelAnswer) => ({
      text: this.withMissing(text, missing),
      toolCalls: [],
      usage,
      response,
    });
    return { kind: 'asks', request, finish };
  }

  private saying({ text, missing }: Kind<'say'>): WrittenTurn {
    const { answered } = this.basis.told;
    if (answered !== undefined || text.trim() === '') {
      const instruction = 'Answer the task anew: the last answer was not taken.';
      const results = [{ title: 'Result', text }];
      return this.answering({ kind: 'answer', instruction, results, missing });
    }
    const answer = { text: this.withMissing(text, missing), toolCalls: [], usage: NO_USAGE };
    return { kind: 'said', answer };
  }

  /** Where the answer has a form, there is no room for more. */
  private withMissing(text: string, missing: readonly string[]): string {
    const hasForm = this.agent.spawned.spec.outputSchema !== undefined;
    if (hasForm || missing.length === 0 || text.trim() === '') return text;
    return `${text}\n\nMissing:\n${listed(missing)}`;
  }

  private wholeTask(): string {
    const [first] = this.request.messages;
    return first?.role === 'user' ? first.text : this.basis.task;
  }

  /** One message that holds all: models need not make sense of calls that they did not ask for. */
  private asking(task: string, instruction: string, results: readonly Titled[]): ModelRequest {
    const frame = [this.request.instructions ?? '', task, instruction];
    const taken = frame.reduce((sum, text) => sum + Buffer.byteLength(text), FRAME_BYTES);
    const texts = fittedTexts([...this.said(), ...results], this.room() - taken);
    const text = [task, texts, instruction].filter((part) => part !== '').join('\n\n');
    return { ...this.request, messages: [{ role: 'user', text }], tools: [] };
  }

  private said(): Titled[] {
    return this.basis.told.said.map((text) => ({ title: 'Said meanwhile', text }));
  }

  /** What was set aside for the call, and what the model can read. */
  private room(): number {
    const { overheadBytes, contextTokens = Infinity } = this.basis;
    const { inputTokens = 0, outputTokens = 0 } = this.agent.modelCall?.held ?? {};
    const window = (contextTokens - outputTokens) * BYTES_PER_TOKEN;
    return Math.min(inputTokens - overheadBytes, Math.max(0, window));
  }

  private noted(
    said: Pick<ModelAnswer, 'text' | 'toolCalls'>,
    stage: string,
    parts: readonly Part[],
  ): ModelAnswer {
    const { strategy } = this.agent.spawned.spec;
    const { told, left } = this.basis;
    const thinking = writeNote({
      strategy: strategy?.name ?? '',
      turn: told.turns,
      stage,
      left,
      parts: parts.map(({ key, title }) => ({ key, title })),
    });
    return { ...said, thinking, usage: NO_USAGE };
  }
}

function progress(reason: string) {
  const message = reason.slice(0, MAX_PROGRESS_CHARS).toWellFormed();
  return { name: BUILT_IN.progress, arguments: JSON.stringify({ message }) };
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
