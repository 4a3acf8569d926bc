import { z } from 'zod';
import { taskOf, turnsTaken } from './conversation-reading.js';
import type { Script } from './script.js';
import { parseTask } from './task-parameters.js';

const parameters = z.object({
  seconds: z.number().min(0).max(86_400),
  steps: z.int().min(1).max(10_000).default(1),
});

/** Takes `seconds` in `steps` equal turns, reporting progress after each but the last. */
export const slow: Script = async (request, context) => {
  const { seconds, steps } = parseTask(taskOf(request), parameters, context);
  await context.sleep((seconds * 1_000) / steps);
  const done = turnsTaken(request) + 1;
  if (done >= steps) return { text: `done in ${steps} steps` };
  const progress = { message: `step ${done} of ${steps}`, percent: (done / steps) * 100 };
  return { toolCalls: [{ name: 'report_progress', arguments: progress }] };
};
