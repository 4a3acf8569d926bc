import { agentIdOf, agentIdSchema, spawnArgumentsSchema } from '@skynet/contracts';
import {
  isWide,
  type RequestedCall,
  type SpawnedAgent,
  type ToolCall,
} from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import { derivedId, storeText, type Clock, type PayloadStore } from '@skynet/platform';
import { z } from 'zod';
import type { SpecResolver } from '../../spec/spec-resolver.js';
import type { ModelAnswer } from '../../models/model.port.js';
import {
  askSchema,
  awaitAgentsSchema,
  awaitMessageSchema,
  boardReadSchema,
  boardWriteSchema,
  BUILT_IN,
  notesReadSchema,
  notesWriteSchema,
  nowSchema,
  readInput,
  readResultSchema,
  reportProgressSchema,
  sendMessageSchema,
  subscribeSchema,
  thinkSchema,
} from '../../tools/built-in-tools.js';
import type { Agents } from '../../owner/agents.js';
import { siblingsFor, SIBLINGS_UNKNOWN } from '../../owner/siblings.js';
import { receiversFor } from '../../owner/tree-agents.js';
import { readCall } from '../../output/read-call.js';
import type { Offer } from '../../prompt/offer.js';
import { timeIn } from './zoned-time.js';

interface RawCall {
  readonly call: ToolCall;
  readonly input: unknown;
}

/** In one answer: more would make one commit, and one turn of this process, as large as a model wishes. */
const MAX_SPAWNS = 100;
/** As many as fit into one commit. */
const MAX_MESSAGES = 32;
/** The stream of a root takes one by one what all agents of its tree write. */
const MAX_WRITES = 32;
/** A row, and whoever has to answer, takes no more. */
const MAX_QUESTIONS = 5;
const TOO_MANY_SPAWNS = `TOO_MANY_SPAWNS: at most ${MAX_SPAWNS} agents are spawned in one turn; spawn the rest in the next.`;
const TOO_MANY_MESSAGES = `TOO_MANY_MESSAGES: at most ${MAX_MESSAGES} messages are sent in one turn; send the rest in the next.`;
const TOO_MANY_WRITES = `TOO_MANY_WRITES: at most ${MAX_WRITES} are made on the board in one turn; make the rest in the next.`;
const TOO_MANY_NOTES = `TOO_MANY_NOTES: at most ${MAX_WRITES} are written in one turn; write the rest in the next.`;
const TOO_MANY_QUESTIONS = `TOO_MANY_QUESTIONS: at most ${MAX_QUESTIONS} are asked in one turn; put them into one.`;

/** What calls of a tool beyond so many are told. */
const MOST_A_TURN = [
  { tool: BUILT_IN.spawn, most: MAX_SPAWNS, told: TOO_MANY_SPAWNS },
  { tool: BUILT_IN.message, most: MAX_MESSAGES, told: TOO_MANY_MESSAGES },
  { tool: BUILT_IN.boardWrite, most: MAX_WRITES, told: TOO_MANY_WRITES },
  { tool: BUILT_IN.notesWrite, most: MAX_WRITES, told: TOO_MANY_NOTES },
  { tool: BUILT_IN.ask, most: MAX_QUESTIONS, told: TOO_MANY_QUESTIONS },
];

const awaitedAgentsSchema = awaitAgentsSchema.extend({ ids: z.array(agentIdSchema).optional() });

/** Understands the tool calls of a model's answer; what can't be understood is told to the model, not thrown. */
export class CallReader {
  constructor(
    private readonly specs: Pick<SpecResolver, 'resolve'>,
    private readonly payloads: PayloadStore,
    private readonly clock: Clock,
    private readonly agents: Pick<Agents, 'load'>,
  ) {}

  read(
    answer: ModelAnswer,
    context: { readonly callId: string; readonly agent: SpawnedAgent; readonly offer: Offer },
  ): Promise<RequestedCall[]> {
    const { callId, agent, offer } = context;
    const beyond = callsBeyond(answer);
    return Promise.all(
      answer.toolCalls.map(async (asked, index) => {
        const keep = (text: string) => storeText(this.payloads, agent.spawned.tenant, text);
        const { call, input } = await readCall(asked, `${callId}_${index}`, keep);
        const tooMany = beyond.get(index);
        if (tooMany !== undefined) return invalid(call, tooMany);
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
      case BUILT_IN.message:
        return this.readMessage(raw, agent);
      case BUILT_IN.subscribe:
        return parsed(raw, subscribeSchema, ({ topic, leave: isLeft = false }) => ({
          ...{ call, kind: 'topic' as const, topic, isLeft },
        }));
      case BUILT_IN.awaitMessage:
        return parsed(raw, awaitMessageSchema, ({ timeoutSeconds }) => ({
          call,
          kind: 'awaitMessage',
          deadlineMs: this.deadlineIn(timeoutSeconds),
        }));
      case BUILT_IN.ask:
        return parsed(raw, askSchema, ({ timeoutSeconds, ...asked }) => ({
          ...{ call, kind: 'ask' as const, ...asked },
          deadlineMs: this.deadlineIn(timeoutSeconds),
        }));
      case BUILT_IN.think:
        return parsed(raw, thinkSchema, () => ({ call, kind: 'told', content: 'ok' }));
      case BUILT_IN.now:
        return this.readNow(raw);
      case BUILT_IN.readResult:
        return parsed(raw, readResultSchema, () => ({ call, kind: 'external' }));
      case BUILT_IN.boardRead:
        return parsed(raw, boardReadSchema, () => ({ call, kind: 'external' }));
      case BUILT_IN.boardWrite:
        return parsed(raw, boardWriteSchema, () => ({ call, kind: 'external' }));
      case BUILT_IN.notesRead:
        return parsed(raw, notesReadSchema, () => ({ call, kind: 'external' }));
      case BUILT_IN.notesWrite:
        return parsed(raw, notesWriteSchema, () => ({ call, kind: 'external' }));
      default:
        return { call, kind: 'external' };
    }
  }

  private readNow(raw: RawCall): RequestedCall {
    const { call } = raw;
    return parsed(raw, nowSchema, ({ timeZone }) => {
      const content = timeIn(timeZone, this.clock.nowMs());
      return content === undefined
        ? invalid(call, noZone(timeZone))
        : { call, kind: 'told', content };
    });
  }

  private readAwait(raw: RawCall): RequestedCall {
    return parsed(raw, awaitedAgentsSchema, ({ ids, mode, quorum, timeoutSeconds }) => ({
      call: raw.call,
      kind: 'await',
      childIds: ids,
      mode,
      quorum,
      deadlineMs: this.deadlineIn(timeoutSeconds),
    }));
  }

  private deadlineIn(seconds: number | undefined): number | undefined {
    if (seconds === undefined) return undefined;
    // The log takes no time beyond it.
    return Math.min(Math.round(this.clock.nowMs() + seconds * 1_000), Number.MAX_SAFE_INTEGER);
  }

  private async readMessage(raw: RawCall, agent: SpawnedAgent): Promise<RequestedCall> {
    const { call } = raw;
    const input = readInput(sendMessageSchema, raw.input);
    if (!input.success) return invalid(call, problem(input.error));
    const { to, text: said, interrupt: interrupts = false } = input.data;
    const receivers = await this.receiversOf(to, agent);
    if (typeof receivers === 'string') return invalid(call, receivers);
    const text = await storeText(this.payloads, agent.spawned.tenant, said);
    return { call, kind: 'message', to, ...receivers, text, interrupts };
  }

  /** As far as others have to be asked for them; a text says why nobody can be told. */
  private async receiversOf(to: string, agent: SpawnedAgent) {
    if (isWide(to)) return receiversFor(to, agent, this.agents);
    const siblings = await siblingsFor(to, agent, this.agents);
    return siblings === 'unknown' ? SIBLINGS_UNKNOWN : { siblings };
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

/** Places of the calls in the answer that are too many of their tool, and what they are told. */
function callsBeyond({ toolCalls }: ModelAnswer): ReadonlyMap<number, string> {
  const beyond = MOST_A_TURN.flatMap(({ tool, most, told }) => {
    const calls = toolCalls.flatMap(({ name }, index) => (name === tool ? [index] : []));
    return calls.slice(most).map((index) => [index, told] as const);
  });
  return new Map(beyond);
}

function cutText(cutBy: string): string {
  return `CUT_OFF: this call was not made, for ${cutBy} ended your answer within it. Write less, or in several calls.`;
}

function noZone(timeZone: string | undefined): string {
  return `INVALID_ARGUMENTS: there is no time zone ${timeZone}. Use a name such as Europe/Berlin, or leave it out.`;
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
