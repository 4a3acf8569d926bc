import { agentIdSchema, spawnArgumentsSchema } from '@skynet/contracts';
import type { RequestedCall, SpawnedAgent, ToolCall } from '@skynet/domain-agents';
import { agentIdOf } from '@skynet/contracts';
import { isRefused } from '@skynet/kernel';
import { derivedId, storeText, type Clock, type PayloadStore } from '@skynet/platform';
import { z } from 'zod';
import type { SpecResolver } from '../../spec/spec-resolver.js';
import type { ModelAnswer } from '../../models/model.port.js';
import {
  awaitAgentsSchema,
  BUILT_IN,
  readInput,
  reportProgressSchema,
} from '../../tools/built-in-tools.js';
import { readCall } from '../../output/read-call.js';
import type { Offer } from '../../prompt/offer.js';

interface RawCall {
  readonly call: ToolCall;
  readonly input: unknown;
}

/** In one answer: more would make one commit, and one turn of this process, as large as a model wishes. */
const MAX_SPAWNS = 100;
const TOO_MANY = `TOO_MANY_SPAWNS: at most ${MAX_SPAWNS} agents are spawned in one turn; spawn the rest in the next.`;

const awaitedAgentsSchema = awaitAgentsSchema.extend({ ids: z.array(agentIdSchema).optional() });

/** Understands the tool calls of a model's answer; what can't be understood is told to the model, not thrown. */
export class CallReader {
  constructor(
    private readonly specs: Pick<SpecResolver, 'resolve'>,
    private readonly payloads: PayloadStore,
    private readonly clock: Clock,
  ) {}

  read(
    answer: ModelAnswer,
    context: { readonly callId: string; readonly agent: SpawnedAgent; readonly offer: Offer },
  ): Promise<RequestedCall[]> {
    const { callId, agent, offer } = context;
    const excess = spawnsBeyond(MAX_SPAWNS, answer);
    return Promise.all(
      answer.toolCalls.map(async (asked, index) => {
        const keep = (text: string) => storeText(this.payloads, agent.spawned.tenant, text);
        const { call, input } = await readCall(asked, `${callId}_${index}`, keep);
        if (excess.has(index)) return invalid(call, TOO_MANY);
        if (asked.cutBy !== undefined) return invalid(call, cutText(asked.cutBy));
        if (input === undefined) return invalid(call, 'The arguments are not a JSON object.');
        return this.understand({ call, input }, agent, offer);
      }),
    );
  }

  private async understand(
    raw: RawCall,
    agent: SpawnedAgent,
    offer: Offer,
  ): Promise<RequestedCall> {
    const { call } = raw;
    if (!offer.tools.some((tool) => tool.name === call.name)) {
      const names = offer.tools.map((tool) => tool.name).join(', ');
      return invalid(call, `UNKNOWN_TOOL: there is no tool ${call.name}. You have: ${names}.`);
    }
    switch (call.name) {
      case BUILT_IN.progress:
        return parsed(raw, reportProgressSchema, (input) => ({ call, kind: 'progress', ...input }));
      case BUILT_IN.await:
        return this.readAwait(raw);
      case BUILT_IN.spawn:
        return this.readSpawn(raw, agent);
      default:
        return { call, kind: 'external' };
    }
  }

  private readAwait(raw: RawCall): RequestedCall {
    return parsed(raw, awaitedAgentsSchema, ({ ids, mode, quorum, timeoutSeconds }) => ({
      call: raw.call,
      kind: 'await',
      childIds: ids,
      mode,
      quorum,
      deadlineMs:
        timeoutSeconds === undefined
          ? undefined
          : Math.round(this.clock.nowMs() + timeoutSeconds * 1_000),
    }));
  }

  private async readSpawn(raw: RawCall, parent: SpawnedAgent): Promise<RequestedCall> {
    const args = readInput(spawnArgumentsSchema, raw.input);
    if (!args.success) return invalid(raw.call, problem(args.error));
    const { tenant, agentId } = parent.spawned;
    const spec = await this.specs.resolve({ tenant, arguments: args.data, parent });
    if (isRefused(spec)) return invalid(raw.call, JSON.stringify(spec.refused));
    const childId = agentIdOf(derivedId('child', agentId, raw.call.id));
    return { call: raw.call, kind: 'spawn', childId, spec };
  }
}

/** Places of the spawns in the answer behind the first so many. */
function spawnsBeyond(most: number, { toolCalls }: ModelAnswer): ReadonlySet<number> {
  const spawns = toolCalls.flatMap(({ name }, index) => (name === BUILT_IN.spawn ? [index] : []));
  return new Set(spawns.slice(most));
}

function cutText(cutBy: string): string {
  return `CUT_OFF: this call was not made, for ${cutBy} ended your answer within it. Write less, or in several calls.`;
}

function invalid(call: ToolCall, message: string): RequestedCall {
  return { call, kind: 'invalid', message };
}

function parsed<Schema extends z.ZodType>(
  raw: RawCall,
  schema: Schema,
  understood: (input: z.infer<Schema>) => RequestedCall,
): RequestedCall {
  const input = readInput(schema, raw.input);
  return input.success ? understood(input.data) : invalid(raw.call, problem(input.error));
}

function problem(error: z.ZodError): string {
  return `INVALID_ARGUMENTS: ${z.prettifyError(error)}`;
}
