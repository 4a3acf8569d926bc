import type { BoardCall, TreeBoard } from '../../board/tree-board.js';
import type { AgentNotes } from '../../notes/agent-notes.js';
import { BUILT_IN } from '../../tools/built-in-tools.js';
import type { ToolResult } from '../../tools/tool-server.port.js';
import type { PastResults } from './past-results.js';

/** Built-in tools that read or change what is not in the agent's own state. */
export class OwnTools {
  constructor(
    private readonly results: PastResults,
    private readonly board: TreeBoard,
    private readonly notes: AgentNotes,
  ) {}

  /** Undefined for the tools of servers. */
  call(name: string, call: BoardCall): Promise<ToolResult> | undefined {
    switch (name) {
      case BUILT_IN.readResult:
        return this.results.read(call.agent, call.input);
      case BUILT_IN.boardRead:
        return this.board.read(call);
      case BUILT_IN.boardWrite:
        return this.board.write(call);
      case BUILT_IN.notesRead:
        return this.notes.read(call);
      case BUILT_IN.notesWrite:
        return this.notes.write(call);
      default:
        return undefined;
    }
  }
}
