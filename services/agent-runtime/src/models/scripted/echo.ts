import { taskOf } from './conversation-reading.js';
import type { Script } from './script.js';

/** Answers with the task's description. */
export const echo: Script = (request) => ({ text: taskOf(request) });
