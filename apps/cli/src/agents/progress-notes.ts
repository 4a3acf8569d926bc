import { oneLine } from '../screen/plain-text.js';
import type { Terminal } from '../screen/terminal.js';

/** Notes each new message once. */
export function progressNotes({ colors, columns, note }: Terminal): (message: string) => void {
  let last = '';
  return (message) => {
    if (message === last) return;
    last = message;
    note(colors.dim(oneLine(message, columns)));
  };
}
