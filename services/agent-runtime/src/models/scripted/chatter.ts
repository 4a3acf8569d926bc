import { z } from 'zod';
import { taskOf, turnsTaken } from './conversation-reading.js';
import type { Script } from './script.js';
import { parseTask } from './task-parameters.js';

const parameters = z.object({
  turns: z.int().min(1).max(100_000),
  /** Length of what is said in each turn. */
  characters: z.int().min(1).max(100_000).default(1_500),
});

/** Says something new in each of so many turns, and reports progress in all but the last. */
export const chatter: Script = (request, context) => {
  const { turns, characters } = parseTask(taskOf(request), parameters, context);
  const turn = turnsTaken(request) + 1;
  const text = `turn ${turn}: ${sentence(turn, characters)}`;
  if (turn >= turns) return { text };
  const progress = { message: `turn ${turn} of ${turns}`, percent: (turn / turns) * 100 };
  return { text, toolCalls: [{ name: 'report_progress', arguments: progress }] };
};

function sentence(turn: number, characters: number): string {
  return `${turn * 7_919} stars and counting, `.repeat(characters / 20 + 1).slice(0, characters);
}
