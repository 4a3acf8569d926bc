import { findBubblewrap } from '../sandbox/bubblewrap.js';

const found = await findBubblewrap(process.env['PATH'] ?? '');

/** Why there is no sandbox on this machine; undefined where there is one. */
export const noSandbox = 'reason' in found ? found.reason : undefined;
