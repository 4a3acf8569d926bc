import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Trouble } from '../ending/trouble.js';
import type { CallbackListener } from './callback-listener.js';

/** Nobody listens there; the browser shows an error and the address. */
const PORT = 8_976;

/** The answer is in the address that a browser elsewhere ended at, which a person pastes as a line. */
export function pastedCallback(from: Readable, port = PORT): CallbackListener {
  const lines = createInterface({ input: from });
  const pasted = Promise.race([once(lines, 'line'), once(lines, 'close')]);
  const answer = pasted.then(([line]) => parametersIn(typeof line === 'string' ? line : ''));
  // Whoever waits for it hears of it; until then nobody may.
  answer.catch(() => undefined);
  return {
    redirectUrl: `http://127.0.0.1:${port}/callback`,
    answer,
    close: () => lines.close(),
  };
}

function parametersIn(line: string): URLSearchParams {
  const url = URL.parse(line.trim());
  if (url !== null) return url.searchParams;
  throw new Trouble('What was pasted is no address.', {
    next: 'Start again, and paste all of the address that the browser ended at.',
  });
}
