import {
  ModelError,
  type FoundModel,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
} from '@skynet/agent-runtime';
import type { SimProcess } from '../ports/sim-process.js';
import type { Random } from '../time/random.js';
import type { Effect } from './effects.js';
import { turnOf } from './model-turns.js';

/** What all models of a simulation share: their chance, and who was asked how often. */
export interface ModelWorld {
  readonly random: Random;
  readonly asked: Map<string, number>;
  readonly effects: Effect[];
}

const PRICE = { inputMicroUsdPerMillion: 1_000_000, outputMicroUsdPerMillion: 2_000_000 };

/** `sim:<any>`: a model that says what the seed says. */
export class SimModels implements ModelProvider {
  readonly prefix = 'sim';
  readonly overheadBytes = 0;

  constructor(
    private readonly process: SimProcess,
    private readonly world: ModelWorld,
  ) {}

  find(): FoundModel {
    const call = (request: ModelRequest, signal: AbortSignal) => this.call(request, signal);
    return { model: { call }, price: PRICE, defaultMaxTokens: 200 };
  }

  private call(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer> {
    const path = pathOf(request);
    const { process, world } = this;
    const cutOff = new ModelError('cut off', { retryable: false });
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cutOff);
      signal.addEventListener('abort', () => process.enter(() => reject(cutOff)), { once: true });
      process.send(() => {
        const { elapsedMs: atMs } = process.time;
        const told = messagesIn(request);
        world.effects.push({ kind: 'model', path, by: process.name, atMs, told });
        const times = (world.asked.get(path) ?? 0) + 1;
        world.asked.set(path, times);
        const chance = world.random.fork(`call/${path}/${times}`);
        const answer = () =>
          void Promise.resolve()
            .then(() => answerTo(path, request, { random: world.random, chance }))
            .then(resolve, reject);
        process.time.after(thinkingMs(path, world.random, chance), () => process.enter(answer));
      });
    });
  }
}

function pathOf({ messages }: ModelRequest): string {
  const [task] = messages;
  const found = /r\d+x?(?:\.\w+)*/.exec(task?.role === 'user' ? task.text : '');
  if (found === null) throw new Error('a request without a path');
  return found[0];
}

/** Without the lines that say who says them. */
function messagesIn({ messages }: ModelRequest): string[] {
  return messages.flatMap((message) => {
    const found = message.role === 'user' && /^Message from .*:\n(.*)$/.exec(message.text);
    return found ? [found[1] ?? ''] : [];
  });
}

function thinkingMs(path: string, random: Random, chance: Random): number {
  const isSlow = random.fork(`slow/${path}`).chance(0.35);
  return isSlow ? chance.between(300, 2_500) : chance.between(1, 250);
}

function answerTo(
  path: string,
  request: ModelRequest,
  { random, chance }: { readonly random: Random; readonly chance: Random },
): ModelAnswer {
  const turn = request.messages.filter(({ role }) => role === 'assistant').length;
  const usage = { inputTokens: chance.between(1, 40), outputTokens: 10, costMicroUsd: 30 };
  if (chance.chance(0.05)) throw failure(chance);
  return {
    ...turnOf(path, turn, { random, request }),
    usage: chance.chance(0.05) ? undefined : usage,
  };
}

function failure(chance: Random): ModelError {
  const retryAfterMs = chance.chance(0.03) ? 61_000 : undefined;
  const retryable = chance.chance(0.85);
  return new ModelError('the provider fails', { retryable, retryAfterMs });
}
