import { z } from 'zod';
import { taskOf, turnsTaken } from './conversation-reading.js';
import type { Script } from './script.js';
import { parseTask } from './task-parameters.js';

const parameters = z.object({
  turns: z.int().min(1).max(100_000),
  /** Characters that it says in each turn, never the same twice. */
  chars: z.int().min(1).max(100_000).default(1_000),
});

/** Talks for `turns` turns: a long conversation for measuring what a log takes. */
export const chatter: Script = (request, context) => {
  const { turns, chars } = parseTask(taskOf(request), parameters, context);
  const turn = turnsTaken(request) + 1;
  const text = `turn ${turn}: `.repeat(Math.ceil(chars / 8)).slice(0, chars);
  if (turn >= turns) return { text };
  const progress = { message: `turn ${turn} of ${turns}` };
  return { text, toolCalls: [{ name: 'report_progress', arguments: progress }] };
};
