import type { Script } from './script.js';

/** Never answers. */
export const fail: Script = (_request, { fail: giveUp }) => giveUp('scripted:fail always fails');
