import type { AgentStateView, Said } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';
import { colored, dollars } from '../agents/status-view.js';
import type { Terminal } from '../screen/terminal.js';

const LABEL_WIDTH = 10;
const INDENT = 2;

type Canvas = Pick<Terminal, 'colors' | 'columns'>;

/** An agent as it was after an event. */
export function renderState(state: AgentStateView, canvas: Canvas): string[] {
  const { colors, columns } = canvas;
  const { last, budget, conversation } = state;
  const lines: (readonly [label: string, value: string | undefined])[] = [
    ['agent', state.agentId],
    ['root', state.rootId === state.agentId ? undefined : state.rootId],
    [
      'event',
      `${state.at} of ${state.events}: ${last.type}, ${new Date(last.timeMs).toISOString()}`,
    ],
    ['status', colored(state.status, colors)],
    ['next', state.next],
    ['task', oneLine(state.task, columns - LABEL_WIDTH - 1)],
    ['model', state.model],
    ['turns', `${state.turns}, in run ${state.epoch}`],
    ['tokens', amounts(budget, ({ tokens }) => tokens, tokensOf(budget.spent), String)],
    [
      'cost',
      amounts(budget, ({ costMicroUsd }) => costMicroUsd, budget.spent.costMicroUsd, dollars),
    ],
    ['children', list(state.children.map(({ agentId, status }) => `${agentId} ${status}`))],
    [
      'waits for',
      list(state.waits.map(({ needed, childIds }) => `${needed} of ${childIds.length}`)),
    ],
    ['model call', state.modelCall],
    ['tool calls', list(state.toolCalls.map(({ id, name, stage }) => `${id} ${name} ${stage}`))],
  ];
  const shown = lines
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([label, value = '']) => `${colors.dim(label.padEnd(LABEL_WIDTH))} ${value}`);
  const hidden = state.conversationFrom;
  const left = hidden > 0 ? [colors.dim(`${hidden} earlier entries left out`)] : [];
  return [...shown, '', ...left, ...conversation.flatMap((said) => linesOf(said, canvas))];
}

function amounts(
  { limits, setAside, held, left }: AgentStateView['budget'],
  pick: (of: { readonly tokens: number; readonly costMicroUsd: number }) => number,
  spent: number,
  show: (amount: number) => string,
): string {
  const parts = [
    `${show(spent)} spent`,
    pick(setAside) > 0 ? `${show(pick(setAside))} set aside for children` : '',
    pick(held) > 0 ? `${show(pick(held))} held` : '',
    `${show(pick(left))} left of ${show(pick(limits))}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function tokensOf({ inputTokens, outputTokens }: AgentStateView['budget']['spent']): number {
  return inputTokens + outputTokens;
}

function list(entries: readonly string[]): string {
  return entries.join(', ');
}

function linesOf({ by, text, calls = [], isError }: Said, { colors, columns }: Canvas): string[] {
  const who = colors.dim(`${isError === true ? 'error' : by}:`);
  const room = columns - INDENT;
  const said = text === '' ? [] : [`${who} ${oneLine(text, room)}`];
  const asked = calls.map(
    ({ name, arguments: json }) => `${colors.dim('calls:')} ${oneLine(`${name} ${json}`, room)}`,
  );
  return [...said, ...asked];
}
