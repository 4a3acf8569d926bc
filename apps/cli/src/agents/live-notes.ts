import type { CallOptions } from '@skynet/client';
import type { AgentText } from '@skynet/contracts';
import type { Command } from 'commander';
import { oneLine, withoutBreaks } from '../screen/plain-text.js';
import type { Terminal } from '../screen/terminal.js';

export interface FollowOptions {
  readonly follow?: boolean;
  readonly followTree?: boolean;
}

export function addFollowOptions(command: Command): Command {
  return command
    .option('--follow', 'wait, and show what the agent writes while it does, on standard error')
    .option('--follow-tree', 'with that of all agents below it');
}

export function isFollowing({ follow = false, followTree = false }: FollowOptions): boolean {
  return follow || followTree;
}

type Heard = Pick<CallOptions, 'onProgress' | 'onText' | 'textOf'>;

/** What a command hears of an agent that it waits for, noted for who watches; text only where that is asked for. */
export function liveNotes(terminal: Terminal, options: FollowOptions): Heard {
  const note = progressNotes(terminal);
  if (!isFollowing(options)) return { onProgress: note };
  const text = new TextNotes(terminal);
  return {
    onProgress: (message) => {
      text.endLine();
      note(message);
    },
    onText: (piece) => text.note(piece),
    textOf: options.followTree === true ? 'tree' : 'agent',
  };
}

/** Notes each new message once. */
function progressNotes({ colors, columns, note }: Terminal): (message: string) => void {
  let last = '';
  return (message) => {
    if (message === last) return;
    last = message;
    note(colors.dim(oneLine(message, columns)));
  };
}

/** Text of agents as it comes, each piece after the one before it, and a line of its own for who writes next. */
class TextNotes {
  /** Whose line is open. */
  private open: string | undefined;
  /** Up to where each call was shown. */
  private readonly ends = new Map<string, number>();

  constructor(private readonly terminal: Pick<Terminal, 'colors' | 'note' | 'noteText'>) {}

  note(piece: AgentText): void {
    const { agentId, callId, at, text, state } = piece;
    const key = `${agentId} ${callId}`;
    if (this.open !== key) this.endLine();
    if (text !== '') this.write(key, piece);
    this.ends.set(key, at + text.length);
    if (state === 'open') return;
    this.ends.delete(key);
    this.endLine();
    const { colors, note } = this.terminal;
    if (state === 'dropped') note(colors.dim('the text above is dropped'));
  }

  private write(key: string, { agentId, rootId, template, at, text }: AgentText): void {
    const { colors, noteText } = this.terminal;
    if (this.open === undefined && agentId !== rootId) {
      noteText(colors.dim(`${withoutBreaks(template ?? 'agent')} ${agentId}: `));
    }
    if (at > (this.ends.get(key) ?? 0)) noteText(colors.dim('[…] '));
    noteText(text);
    this.open = key;
  }

  endLine(): void {
    if (this.open !== undefined) this.terminal.noteText('\n');
    this.open = undefined;
  }
}
