import {
  agentIdOf,
  errorCodeSchema,
  spawnArgumentsSchema,
  type AgentId,
  type SpawnArguments,
  type Text,
} from '@skynet/contracts';
import {
  recordedCall,
  type RecordedCall,
  type ReplayFacts,
  type RequestedCall,
  type SpawnedAgent,
  type ToolCall,
} from '@skynet/domain-agents';
import { derivedId, hashOf } from '@skynet/platform';
import { objectInJson } from '../output/parsed-json.js';
import {
  awaitAgentsSchema,
  awaitMessageSchema,
  BUILT_IN,
  readInput,
  reportProgressSchema,
  sendMessageSchema,
  subscribeSchema,
} from '../tools/built-in-tools.js';

/** Refusals of the rules; the others came from looking things up, which the log does not repeat. */
const RULES_REFUSE = /^(LIMIT_|GRANT_)/;

/**
 * Understands the calls of a recorded answer as the runner did. What it had to look up (the child's specification, the time)
 * and what it told the model of a call that it did not understand is taken from the log.
 */
export function readRecorded(textOf: (text: Text) => string): ReplayFacts['read'] {
  return (call, agent, decision) => {
    const recorded = recordedCall(decision, call.id);
    const json = textOf(call.arguments);
    const input = objectInJson(json === '' ? '{}' : json);
    const isNone = input === undefined || wasNotUnderstood(recorded, textOf);
    const understood = isNone ? undefined : understand(call, input, recorded, agent);
    return understood ?? asRecorded(call, recorded, textOf);
  };
}

/** Earlier releases understood less. */
function wasNotUnderstood({ settled }: RecordedCall, textOf: (text: Text) => string): boolean {
  return settled?.isError === true && textOf(settled.content).startsWith('INVALID_ARGUMENTS: ');
}

function asRecorded(
  call: ToolCall,
  { settled }: RecordedCall,
  textOf: (text: Text) => string,
): RequestedCall {
  if (settled === undefined) return { kind: 'external', call };
  const { content, isError } = settled;
  if (!isError) return { kind: 'told', call, content };
  return { kind: 'invalid', call, message: textOf(content) };
}

function understand(
  call: ToolCall,
  input: unknown,
  recorded: RecordedCall,
  agent: SpawnedAgent,
): RequestedCall | undefined {
  switch (call.name) {
    case BUILT_IN.progress: {
      const progress = readInput(reportProgressSchema, input);
      return progress.success ? { kind: 'progress', call, ...progress.data } : undefined;
    }
    case BUILT_IN.await:
      return readAwait(call, input, recorded);
    case BUILT_IN.awaitMessage: {
      const { awaited } = recorded;
      const isKnown = readInput(awaitMessageSchema, input).success;
      if (!isKnown || awaited === undefined) return undefined;
      return { kind: 'awaitMessage', call, deadlineMs: awaited.deadlineMs };
    }
    case BUILT_IN.ask: {
      const { asked } = recorded;
      if (asked === undefined) return undefined;
      const { toolCallId: _id, ...question } = asked;
      return { kind: 'ask', call, ...question };
    }
    case BUILT_IN.message:
      return readMessage(call, input, recorded);
    case BUILT_IN.subscribe:
      return readTopic(call, input);
    case BUILT_IN.spawn: {
      const args = readInput(spawnArgumentsSchema, input);
      return args.success ? readSpawn(call, args.data, recorded, agent) : undefined;
    }
    default:
      return undefined;
  }
}

function readAwait(
  call: ToolCall,
  input: unknown,
  { awaited, settled }: RecordedCall,
): RequestedCall | undefined {
  const parsed = readInput(awaitAgentsSchema, input);
  const wasUnknown = typeof settled?.content === 'string' && /^[A-Z_]+: /.test(settled.content);
  if (!parsed.success || (awaited === undefined && wasUnknown)) return undefined;
  const { ids, mode, quorum } = parsed.data;
  const { deadlineMs } = awaited ?? {};
  return { kind: 'await', call, childIds: ids as AgentId[] | undefined, mode, quorum, deadlineMs };
}

/** One that reached nobody was settled with the reason, as one that was not understood. */
function readMessage(
  call: ToolCall,
  input: unknown,
  { sent }: RecordedCall,
): RequestedCall | undefined {
  const parsed = readInput(sendMessageSchema, input);
  if (!parsed.success || sent === undefined) return undefined;
  const { text, interrupts, to: told, ended, sentTo } = sent;
  const receivers = sentTo === undefined ? { siblings: told } : { others: told, ended };
  return { kind: 'message', call, to: parsed.data.to, ...receivers, text, interrupts };
}

function readTopic(call: ToolCall, input: unknown): RequestedCall | undefined {
  const parsed = readInput(subscribeSchema, input);
  if (!parsed.success) return undefined;
  const { topic, leave: isLeft = false } = parsed.data;
  return { kind: 'topic', call, topic, isLeft };
}

function readSpawn(
  call: ToolCall,
  args: SpawnArguments,
  { reserved, settled }: RecordedCall,
  parent: SpawnedAgent,
): RequestedCall | undefined {
  const { agentId, spec } = parent.spawned;
  const childId = agentIdOf(derivedId('child', agentId, call.id));
  const argsHash = hashOf({ ...args, parentId: agentId });
  if (reserved !== undefined) {
    return { kind: 'spawn', call, childId, spec: { ...reserved.spec, argsHash } };
  }
  const isRulesNo = RULES_REFUSE.test(codeIn(settled?.content));
  if (!isRulesNo || args.template !== undefined) return undefined;
  const wished = { tools: args.tools ?? spec.tools, limits: args.limits ?? {} };
  return { kind: 'spawn', call, childId, spec: { ...spec, ...wished, argsHash } };
}

function codeIn(content: Text | undefined): string {
  const parsed = typeof content === 'string' ? objectInJson(content) : undefined;
  return errorCodeSchema.safeParse(parsed?.['code']).data ?? '';
}
