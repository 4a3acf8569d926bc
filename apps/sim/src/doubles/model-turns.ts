import type { ModelAnswer, ModelRequest } from '@skynet/agent-runtime';
import type { Random } from '../time/random.js';

type Call = ModelAnswer['toolCalls'][number];

export const policies = ['retry', 'key', 'ask', 'fail'] as const;

const MAX_LEVEL = 2;

/** What the model says in one turn of the agent on this path; the same chance, the same answer. */
export function turnOf(
  path: string,
  turn: number,
  { random, request }: { readonly random: Random; readonly request: ModelRequest },
): Pick<ModelAnswer, 'text' | 'toolCalls'> {
  const agent = random.fork(`agent/${path}`);
  const isLong = agent.chance(0.15);
  const turns = isLong ? agent.between(5, 9) : agent.between(1, 4);
  const now = random.fork(`turn/${path}/${turn}`);
  const offered = new Set(request.tools.map(({ name }) => name));
  if (turn + 1 >= turns || request.tools.length === 0)
    return { text: `done ${path}`, toolCalls: [] };
  if (now.chance(0.04)) return { text: '', toolCalls: [] };
  const toolCalls = callsOf(path, turn, now).filter(({ name }) => offered.has(name));
  return { text: `turn ${turn}`, toolCalls: toolCalls.length > 0 ? toolCalls : [progress(turn)] };
}

function callsOf(path: string, turn: number, now: Random): Call[] {
  const mayHaveChildren = path.split('.').length <= MAX_LEVEL;
  const calls: Call[] = [progress(turn), ...messagesOf(path, turn, now.fork('messages'))];
  if (now.chance(0.35)) calls.push(...toolsOf(path, turn, now));
  if (mayHaveChildren && now.chance(0.55)) calls.push(...spawnsOf(path, turn, now));
  else if (now.chance(0.15)) calls.push(callOf('await_agents', {}));
  return calls;
}

function toolsOf(path: string, turn: number, now: Random): Call[] {
  return Array.from({ length: now.between(1, 2) }, (_, index) =>
    callOf(`sim__${now.pick(policies)}`, { mark: `${path}#${turn}.${index}` }),
  );
}

function messagesOf(path: string, turn: number, now: Random): Call[] {
  if (now.chance(0.08)) return [callOf('await_message', { timeoutSeconds: now.between(1, 4) })];
  if (!now.chance(0.3)) return [];
  return Array.from({ length: now.between(1, 2) }, (_, index) =>
    callOf('send_message', {
      to: now.pick(['parent', 'children']),
      text: `words of ${path}#${turn}.${index}`,
      interrupt: now.chance(0.4),
    }),
  );
}

function spawnsOf(path: string, turn: number, now: Random): Call[] {
  const count = now.between(1, 3);
  const spawns = Array.from({ length: count }, (_, index) =>
    callOf('spawn_agent', {
      task: { description: `${path}.${turn}${index}` },
      ...(now.chance(0.2) && { limits: { tokens: now.pick([0, 900, 20_000]) } }),
      ...(now.chance(0.1) && { onParentClose: 'continue' }),
    }),
  );
  if (now.chance(0.15)) return spawns;
  const mode = now.pick(['all', 'all', 'any', 'quorum'] as const);
  const wait = {
    mode,
    ...(mode === 'quorum' && { quorum: now.between(1, count) }),
    ...(now.chance(0.15) && { timeoutSeconds: now.between(1, 4) }),
  };
  return [...spawns, callOf('await_agents', wait)];
}

function progress(turn: number): Call {
  return callOf('report_progress', { message: `turn ${turn}` });
}

function callOf(name: string, input: object): Call {
  return { name, arguments: JSON.stringify(input) };
}
