import type { ListedAgent } from '@skynet/client';
import { oneLine } from '../screen/plain-text.js';
import { colored, markOf } from './status-view.js';
import type { Terminal } from '../screen/terminal.js';

export interface TreeViewOptions {
  /** Shows the ids of agents. */
  readonly ids: boolean;
}

type Canvas = Pick<Terminal, 'colors' | 'columns'>;

const BRANCH = { middle: ['├─ ', '│  '], last: ['└─ ', '   '] } as const;

/** The agent and everything below it, one line each. Children whose parent is not in the list are left out. */
export function renderTree(
  topId: string,
  agents: readonly ListedAgent[],
  canvas: Canvas,
  options: TreeViewOptions,
): string[] {
  const children = Map.groupBy(agents, ({ parentId }) => parentId);
  const lines: string[] = [];
  const draw = (agent: ListedAgent, first: string, below: string): void => {
    lines.push(first + lineOf(agent, canvas, { ...options, indent: first.length }));
    const own = children.get(agent.agentId) ?? [];
    own.forEach((child, index) => {
      const [branch, trunk] = BRANCH[index === own.length - 1 ? 'last' : 'middle'];
      draw(child, below + branch, below + trunk);
    });
  };
  for (const agent of agents) if (agent.agentId === topId) draw(agent, '', '');
  return lines;
}

function lineOf(
  agent: ListedAgent,
  { colors, columns }: Canvas,
  { ids, indent }: TreeViewOptions & { readonly indent: number },
): string {
  const { agentId, status, task, progress } = agent;
  const told = progress === undefined || status !== 'running' ? '' : `: ${progress}`;
  const id = ids ? `  ${agentId}` : '';
  const room = columns - indent - status.length - id.length - 4;
  const text = oneLine(task + told, Math.max(8, room));
  return `${markOf(status, colors)} ${colored(status, colors)} ${text}${colors.dim(id)}`;
}
