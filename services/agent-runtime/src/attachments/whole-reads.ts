import { FairTurns } from '../pacing/fair-turns.js';

/**
 * Turns for reads of whole attachments, 16 MiB each at most, with all that needs their bytes. One for the process; who has a
 * turn must not ask for another one.
 */
export const wholeReads = new FairTurns(4);
