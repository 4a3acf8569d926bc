import type { ListedAgent } from '@skynet/client';
import { LiveArea } from '../screen/live-area.js';
import { countByStatus } from './status-view.js';
import type { Terminal } from '../screen/terminal.js';
import { renderTree } from './tree-view.js';

const NOTE_EVERY_MS = 1_000;

/** A tree while it grows: redrawn on a terminal, counted in occasional lines elsewhere. */
export class TreeScreen {
  private readonly area: LiveArea;
  private notedMs = -Infinity;
  private noted = '';

  constructor(
    private readonly terminal: Terminal,
    private readonly options: { readonly agentId: string; readonly ids: boolean },
  ) {
    this.area = new LiveArea(terminal);
  }

  show(agents: readonly ListedAgent[]): void {
    const { agentId, ids } = this.options;
    if (this.terminal.isLive) this.area.draw(renderTree(agentId, agents, this.terminal, { ids }));
    else this.note(`agents: ${countByStatus(agents)}`);
  }

  /** Makes room for what is printed next. */
  end(): void {
    this.area.clear();
  }

  private note(line: string): void {
    const nowMs = performance.now();
    if (line === this.noted || nowMs - this.notedMs < NOTE_EVERY_MS) return;
    this.noted = line;
    this.notedMs = nowMs;
    this.terminal.note(line);
  }
}
