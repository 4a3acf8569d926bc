import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Usage } from '@skynet/contracts';
import { sleep, type Clock } from '@skynet/platform';
import type { CurrentRegistry } from '../../registry/registry-source.js';
import {
  ModelError,
  type FoundModel,
  type Model,
  type ModelAnswer,
  type ModelMessage,
  type ModelProvider,
  type ModelRequest,
  type ModelTool,
  type OnText,
} from '../model.port.js';
import { chatter } from './chatter.js';
import { echo } from './echo.js';
import { fail } from './fail.js';
import type { Script, ScriptContext, ScriptTurn } from './script.js';
import { slow } from './slow.js';
import { tree } from './tree.js';

const shipped: ReadonlyMap<string, Script> = new Map(
  Object.entries({ chatter, echo, fail, slow, tree }),
);

const FREE = { inputMicroUsdPerMillion: 0, outputMicroUsdPerMillion: 0 };
const MAX_TOKENS = 1_024;
/** Rule of thumb for English text; scripts have no tokeniser. */
const BYTES_PER_TOKEN = 4;
/** Roles, names and brackets around the text of one message. */
const MESSAGE_BYTES = 32;

/** `scripted:<name>`: programs that answer like a model, shipped or named in the registry. */
export class ScriptedModels implements ModelProvider {
  readonly prefix = 'scripted';
  readonly overheadBytes = 0;
  readonly failsApart = true;
  /** By URL. */
  private readonly loaded = new Map<string, Promise<Script | undefined>>();
  /** Why modules did not load, by name. */
  private readonly faults = new Map<string, string>();

  constructor(
    private readonly registry: CurrentRegistry,
    private readonly clock: Clock,
  ) {}

  async find(name: string): Promise<FoundModel | undefined> {
    const script = shipped.get(name) ?? (await this.load(name));
    if (script === undefined) return undefined;
    const model = new ScriptedModel(script, this.clock);
    return { model, price: FREE, defaultMaxTokens: MAX_TOKENS };
  }

  faultOf(name: string): string | undefined {
    return this.faults.get(name);
  }

  private load(name: string): Promise<Script | undefined> {
    const { models, folder } = this.registry.current;
    const module = models[`scripted:${name}`]?.module;
    if (module === undefined) return Promise.resolve(undefined);
    const url = urlOf(resolve(folder, module));
    const before = this.loaded.get(url);
    if (before !== undefined) return before;
    const script = scriptOf(url).catch((error: unknown) => {
      this.loaded.delete(url);
      this.faults.set(name, `${module}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
    this.loaded.set(url, script);
    return script;
  }
}

/** Another one when the file was changed: what Node has loaded once it does not load again. */
function urlOf(file: string): string {
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return `${pathToFileURL(file).href}?${changed}`;
}

async function scriptOf(url: string): Promise<Script> {
  const module = (await import(url)) as { readonly default?: unknown };
  if (typeof module.default !== 'function')
    throw new Error('the module exports no default function');
  return module.default as Script;
}

class ScriptedModel implements Model {
  constructor(
    private readonly script: Script,
    private readonly clock: Clock,
  ) {}

  async call(request: ModelRequest, signal: AbortSignal, onText?: OnText): Promise<ModelAnswer> {
    const turn = await this.turnOf(request, this.contextOf(signal, onText), signal);
    const text = turn.text ?? '';
    const toolCalls = (turn.toolCalls ?? []).map((call) => ({
      name: call.name,
      arguments: JSON.stringify(call.arguments),
    }));
    return { text, toolCalls, usage: usageOf(request, { text, toolCalls }) };
  }

  /** Also of a script that does not heed the signal, or breaks. */
  private async turnOf(
    request: ModelRequest,
    context: ScriptContext,
    signal: AbortSignal,
  ): Promise<ScriptTurn> {
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = () => reject(givenUp());
    if (signal.aborted) throw givenUp();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([promise, this.script(request, context)]);
    } catch (error) {
      if (error instanceof ModelError) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw new ModelError(message, { retryable: false, cause: error });
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  private contextOf(signal: AbortSignal, onText?: OnText): ScriptContext {
    return {
      say: (piece) => {
        if (!signal.aborted) onText?.(String(piece));
      },
      sleep: async (ms) => {
        await sleep(this.clock, ms, signal);
        if (signal.aborted) throw givenUp();
      },
      fail: (message, options) => {
        throw new ModelError(message, { retryable: options?.retryable ?? false });
      },
    };
  }
}

const givenUp = () => new ModelError('given up', { retryable: false });

function usageOf(request: ModelRequest, answer: Omit<ModelAnswer, 'usage'>): Usage {
  const { instructions = '', messages, tools } = request;
  const frame = Buffer.byteLength(instructions) + bytesOfTools(tools);
  const input = messages.reduce((sum, message) => sum + bytesOf(message), frame);
  const output = Math.ceil(Buffer.byteLength(JSON.stringify(answer)) / BYTES_PER_TOKEN);
  return {
    inputTokens: Math.ceil(input / BYTES_PER_TOKEN),
    outputTokens: Math.min(output, request.maxTokens),
    costMicroUsd: 0,
  };
}

const toolBytes = new WeakMap<ModelTool, number>();

/** As a JSON array; each definition is measured once. */
function bytesOfTools(tools: readonly ModelTool[]): number {
  const commas = Math.max(0, tools.length - 1);
  return tools.reduce((sum, tool) => sum + bytesOfTool(tool), '[]'.length + commas);
}

function bytesOfTool(tool: ModelTool): number {
  const known = toolBytes.get(tool);
  if (known !== undefined) return known;
  const bytes = Buffer.byteLength(JSON.stringify(tool));
  toolBytes.set(tool, bytes);
  return bytes;
}

/** Not over JSON: that of a long conversation takes longer each turn than all the rest of the turn. */
function bytesOf(message: ModelMessage): number {
  if (message.role === 'user') return MESSAGE_BYTES + Buffer.byteLength(message.text);
  if (message.role === 'tool') return MESSAGE_BYTES + Buffer.byteLength(message.content);
  return message.toolCalls.reduce(
    (sum, call) => sum + MESSAGE_BYTES + Buffer.byteLength(call.name + call.arguments),
    MESSAGE_BYTES + Buffer.byteLength(message.text),
  );
}
