import type { AgentStatus, StatusShape } from '@skynet/contracts';
import { oneLine } from '../screen/plain-text.js';
import type { Colors } from '../screen/terminal.js';

const LABEL_WIDTH = 10;
const TEXT_WIDTH = 300;
const CENT = 10_000;

/** How each status is shown: a mark for the tree, and a color. */
const looks = {
  queued: ['·', 'dim'],
  running: ['▸', 'cyan'],
  waiting: ['…', 'dim'],
  paused: ['‖', 'yellow'],
  completed: ['✓', 'green'],
  failed: ['✗', 'red'],
  terminated: ['■', 'yellow'],
  expired: ['✗', 'red'],
  exhausted: ['✗', 'red'],
} as const satisfies Record<AgentStatus, readonly [mark: string, color: keyof Colors]>;

export function markOf(status: AgentStatus, colors: Colors): string {
  const [mark, color] = looks[status];
  return colors[color](mark);
}

export function colored(status: AgentStatus, colors: Colors, text: string = status): string {
  const [, color] = looks[status];
  return colors[color](text);
}

/** Everything that is known of one agent now. */
export function renderStatus(shape: StatusShape, colors: Colors, trace?: string): string[] {
  const { progress, waitingFor, spent, treeSpent, limits, children, parentId } = shape;
  const lines: (readonly [label: string, value: string | undefined])[] = [
    ['agent', shape.agentId],
    ['status', shape.status],
    ['task', shape.task],
    ['template', shape.template && templateText(shape.template)],
    ['model', shape.model],
    ...choiceLines(shape.modelChoice),
    ['parent', parentId],
    ['root', parentId && shape.rootId],
    ['retry of', shape.retryOf],
    ['progress', progress && `${percent(progress.percent)}${progress.message}`],
    ['step', shape.step],
    ['waits for', waitingFor && waitText(waitingFor)],
    ['unread', unreadText(shape.unreadMessages)],
    ['left out', leftOutText(shape.toolsLeftOut)],
    ['children', children.length === 0 ? undefined : countByStatus(children)],
    ['tokens', `${spent.inputTokens + spent.outputTokens} of ${limits.tokens}`],
    ['cost', `${dollars(spent.costMicroUsd)} of ${dollars(limits.costMicroUsd)}`],
    ['tree', treeSpent && spentText(treeSpent)],
    ['ran', seconds(shape.runningTimeMs)],
    ['deadline', limits.deadline],
    ['updated', shape.updatedAt],
    ['as of', shape.asOf && `${shape.asOf}: what was known then, the store does not answer`],
    ['trace', trace],
  ];
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([label, value = '']) => {
      const text = oneLine(value, TEXT_WIDTH);
      const shown = label === 'status' ? colored(shape.status, colors) : text;
      return `${colors.dim(label.padEnd(LABEL_WIDTH))} ${shown}`;
    });
}

/** Why it has this model, where one was chosen. */
function choiceLines(
  choice: StatusShape['modelChoice'],
): (readonly [label: string, value: string | undefined])[] {
  if (choice === undefined) return [];
  const { from, reasons, refused } = choice;
  const others = refused.map(({ model, reason }) => `${model} (${reason})`).join(', ');
  return [
    ['instead of', from],
    ['chosen', reasons.join('; ')],
    ['not chosen', others === '' ? undefined : others],
  ];
}

function templateText({ name, version }: NonNullable<StatusShape['template']>): string {
  return version === undefined ? name : `${name}  ${version}`;
}

type Question = NonNullable<NonNullable<StatusShape['waitingFor']>['questions']>[number];

function waitText(wait: NonNullable<StatusShape['waitingFor']>): string {
  const { kind, ids, inDoubt = [], questions = [], until } = wait;
  if (kind === 'message') return 'a message';
  if (until !== undefined) return `${kind}, until ${until}`;
  const reasons = new Map([
    ...inDoubt.map(({ toolCallId, reason }) => [toolCallId, ` (${reason})`] as const),
    ...questions.map((asked) => [asked.toolCallId, ` (${questionText(asked)})`] as const),
  ]);
  return `${kind}: ${ids.map((id) => `${id}${reasons.get(id) ?? ''}`).join(', ')}`;
}

function questionText({ question, choices, until }: Question): string {
  const either = choices === undefined ? '' : `: ${choices.join(' or ')}`;
  return `${question}${either}${until === undefined ? '' : `, until ${until}`}`;
}

function unreadText(messages: number | undefined): string | undefined {
  return messages === undefined
    ? undefined
    : `${messages} ${messages === 1 ? 'message' : 'messages'}`;
}

/** `files__read (no connection)`: tools that were granted and are not offered. */
export function leftOutText(leftOut: StatusShape['toolsLeftOut']): string | undefined {
  return leftOut?.map(({ tool, reason }) => `${tool} (${reason})`).join(', ');
}

/** `3 completed, 1 running` */
export function countByStatus(agents: readonly { readonly status: AgentStatus }[]): string {
  const counts = new Map<AgentStatus, number>();
  for (const { status } of agents) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, number]) => `${number} ${status}`).join(', ');
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** Tokens and money in a few words. */
export function spentText({
  inputTokens,
  outputTokens,
  costMicroUsd,
}: StatusShape['spent']): string {
  return `${inputTokens + outputTokens} tokens, ${dollars(costMicroUsd)}`;
}

/** Cents, and fractions of them where there are any. */
export function dollars(microUsd: number): string {
  return `$${(microUsd / 1_000_000).toFixed(microUsd % CENT === 0 ? 2 : 6)}`;
}

function percent(value: number | undefined): string {
  return value === undefined ? '' : `${Math.round(value)} % `;
}
