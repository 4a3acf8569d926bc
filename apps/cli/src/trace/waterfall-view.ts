import type { ListedAgent } from '@skynet/client';
import type { Piece, PieceKind } from './waterfall.js';
import { oneLine } from '../screen/plain-text.js';
import type { Terminal } from '../screen/terminal.js';

/** An agent of the tree with where its time went. */
export interface TracedAgent {
  readonly agent: ListedAgent;
  readonly depth: number;
  readonly pieces: readonly Piece[];
}

const BAR: Record<PieceKind, string> = { queue: '░', run: '▒', chat: '█', tool: '▓', wait: '·' };
const NAME_COLUMNS = 40;
const TIME_COLUMNS = 10;
const LEAST_BAR = 20;

/** One line for each stretch, drawn over the time from the first to the last event of the tree. */
export function renderWaterfall(
  agents: readonly TracedAgent[],
  nowMs: number,
  { colors, columns }: Pick<Terminal, 'colors' | 'columns'>,
): string[] {
  const all = agents.flatMap(({ pieces }) => pieces);
  const startMs = Math.min(...all.map((piece) => piece.startMs));
  const endMs = Math.max(...all.map((piece) => piece.endMs ?? nowMs));
  const width = Math.max(LEAST_BAR, columns - NAME_COLUMNS - TIME_COLUMNS - 2);
  const perColumn = Math.max(1, endMs - startMs) / width;
  const barOf = ({ kind, startMs: from, endMs: to = nowMs }: Piece) => {
    const left = Math.min(width - 1, Math.floor((from - startMs) / perColumn));
    const length = Math.max(1, Math.min(width - left, Math.round((to - from) / perColumn)));
    return (' '.repeat(left) + BAR[kind].repeat(length)).padEnd(width);
  };
  return agents.flatMap(({ agent, depth, pieces }) => {
    const indent = '  '.repeat(depth);
    const title = colors.bold(oneLine(indent + agent.task, columns));
    const lines = pieces.map((piece) => {
      const name = oneLine(`${indent}  ${piece.name}`, NAME_COLUMNS).padEnd(NAME_COLUMNS);
      const took = `${(piece.endMs ?? nowMs) - piece.startMs} ms`.padStart(TIME_COLUMNS);
      const bar = barOf(piece);
      return `${name} ${piece.failed ? colors.red(bar) : bar} ${took}`;
    });
    return [title, ...lines];
  });
}
