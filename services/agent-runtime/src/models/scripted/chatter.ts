import { z } from 'zod';
import { taskOf, turnsTaken } from './conversation-reading.js';
import type { Script, ScriptContext } from './script.js';
import { parseTask } from './task-parameters.js';

/** Between two pieces of what is written slowly. */
const PIECE_SECONDS = 0.1;

const parameters = z.object({
  turns: z.int().min(1).max(100_000),
  /** Length of what is said in each turn. */
  characters: z.int().min(1).max(100_000).default(1_500),
  /** How long it writes in each turn. */
  seconds: z.number().min(0).max(3_600).default(0),
});

/** Says something new in each of so many turns, and reports progress in all but the last. */
export const chatter: Script = async (request, context) => {
  const { turns, characters, seconds } = parseTask(taskOf(request), parameters, context);
  const turn = turnsTaken(request) + 1;
  const text = `turn ${turn}: ${sentence(turn, characters)}`;
  if (seconds > 0) await write(text, seconds, context);
  if (turn >= turns) return { text };
  const progress = { message: `turn ${turn} of ${turns}`, percent: (turn / turns) * 100 };
  return { text, toolCalls: [{ name: 'report_progress', arguments: progress }] };
};

async function write(text: string, seconds: number, { say, sleep }: ScriptContext): Promise<void> {
  const pieces = Math.ceil(seconds / PIECE_SECONDS);
  const length = Math.ceil(text.length / pieces);
  for (let at = 0; at < text.length; at += length) {
    await sleep((seconds * 1_000) / pieces);
    say(text.slice(at, at + length));
  }
}

function sentence(turn: number, characters: number): string {
  return `${turn * 7_919} stars and counting, `.repeat(characters / 20 + 1).slice(0, characters);
}
