import type { ShownEvent } from '@skynet/client';
import { oneLine } from '../screen/plain-text.js';
import type { Terminal } from '../screen/terminal.js';

const REVISION_WIDTH = 5;
const TYPE_WIDTH = 18;
const TIME = { start: 11, end: 23 };

/** `12 09:41:07.120 ModelCallSettled   {"callId":…` */
export function renderEvent(
  { revision, time, type, data }: ShownEvent,
  { colors, columns }: Pick<Terminal, 'colors' | 'columns'>,
): string {
  const number = String(revision).padStart(REVISION_WIDTH);
  const clock = time.slice(TIME.start, TIME.end);
  const name = type.padEnd(TYPE_WIDTH);
  const room = Math.max(0, columns - number.length - clock.length - name.length - 3);
  return `${number} ${colors.dim(clock)} ${name} ${oneLine(JSON.stringify(data), room)}`;
}
