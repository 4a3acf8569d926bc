import type { Terminal } from './terminal.js';

const CLEAR_BELOW = '\u001b[J';

/** The last lines of a terminal, drawn over and over. */
export class LiveArea {
  private drawn = 0;

  constructor(private readonly terminal: Terminal) {}

  /** Shows these lines instead of those of before; what does not fit the screen is counted, not shown. */
  draw(lines: readonly string[]): void {
    const room = this.terminal.rows - 2;
    const hidden = Math.max(0, lines.length - room);
    const shown = hidden === 0 ? lines : [...lines.slice(0, room), `  … ${hidden} more`];
    this.clear();
    shown.forEach(this.terminal.print);
    this.drawn = shown.length;
  }

  /** Takes the lines away, so that others can be printed in their place. */
  clear(): void {
    if (this.drawn > 0) this.terminal.moveCursor(`\u001b[${this.drawn}A\r${CLEAR_BELOW}`);
    this.drawn = 0;
  }
}
