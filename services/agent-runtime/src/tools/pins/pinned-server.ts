import type { Clock, Logger } from '@skynet/platform';
import type {
  LeftOut,
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from '../tool-server.port.js';
import { definitionOf } from '../definition.js';
import type { PinBook } from './pin-book.js';
import { follow, NO_PINS, observe, whyQuarantined, type Pins, type Served } from './pins.js';

export interface PinnedServerMeans {
  readonly book: PinBook;
  /** Its definitions are never held back: the pins follow them. */
  readonly isTrusted: boolean;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

/** Pinned like a tool: no tool has brackets around its name. */
const INSTRUCTIONS = '(instructions)';

interface Look {
  readonly told: ToolList;
  readonly offered: Promise<ToolList>;
}

/** A tool server whose tools are offered as long as their definitions are those that were pinned. */
export class PinnedServer implements ToolServer {
  /** What the server told, and what of it is offered. */
  private last: { readonly told: ToolList; readonly offered: ToolList } | undefined;
  /** The list that the pins in the store have seen. */
  private recorded: ToolList | undefined;
  private look: Look | undefined;
  /** Why nothing can be offered of what the server told. */
  private trouble: string | undefined;
  private changes = 0;
  private readonly stopListening: () => void;

  constructor(
    private readonly server: ToolServer,
    private readonly means: PinnedServerMeans,
  ) {
    this.stopListening = means.book.onChange(server.name, () => this.pinsChanged());
  }

  get name(): string {
    return this.server.name;
  }

  get version(): number {
    return this.server.version + this.changes;
  }

  get state(): ToolServerState {
    const { list, ...state } = this.server.state;
    const own = { ...state, list: list && this.last?.offered, waiting: this.waiting };
    if (state.kind !== 'ready' || this.trouble === undefined) return own;
    return { ...own, kind: 'failed', reason: this.trouble };
  }

  /**
   * The tools whose definitions are as they were pinned; others are left out.
   *
   * @throws WorldError `retry: 'later'` also when nobody knows what was pinned
   */
  async list(): Promise<ToolList> {
    const told = await this.server.list();
    if (this.look?.told !== told) this.look = { told, offered: this.compare(told) };
    return this.look.offered;
  }

  call(request: ToolCallRequest, signal: AbortSignal): Promise<ToolResult> {
    return this.server.call(request, signal);
  }

  close(): Promise<void> {
    this.stopListening();
    return this.server.close();
  }

  private get waiting(): LeftOut[] {
    const { book, isTrusted } = this.means;
    return isTrusted ? [] : waitingAt(this.name, book);
  }

  private async compare(told: ToolList): Promise<ToolList> {
    const { book, isTrusted, clock } = this.means;
    const isNew = told !== this.recorded;
    const sight = { served: servedIn(told), nowMs: clock.nowMs(), isNew };
    try {
      const pins = await book.update(this.name, (before) =>
        isTrusted ? follow(before, sight) : observe(before, sight),
      );
      this.recorded = told;
      return this.take(told, book.last(this.name) ?? pins);
    } catch (error) {
      return this.compareWithout(told, error);
    }
  }

  /** Without the store what was read last counts. What it does not have is not offered until it is pinned. */
  private compareWithout(told: ToolList, error: unknown): ToolList {
    const { book, isTrusted, log } = this.means;
    const pins = isTrusted ? NO_PINS : book.last(this.name);
    log.warn('definitions of tools can not be pinned for now', { server: this.name, error });
    this.look = undefined;
    if (pins !== undefined) return this.take(told, pins);
    this.trouble = error instanceof Error ? error.message : String(error);
    throw error;
  }

  private take(told: ToolList, pins: Pins): ToolList {
    const offered = this.means.isTrusted ? told : this.withoutChanged(told, pins);
    // The server was asked anew meanwhile.
    if (this.look !== undefined && this.look.told !== told) return offered;
    this.trouble = undefined;
    const before = this.last;
    if (before?.told === told && isSame(before.offered, offered)) return before.offered;
    this.last = { told, offered };
    if (before?.told === told) this.changes += 1;
    for (const { tool, reason } of offered.leftOut.slice(told.leftOut.length)) {
      this.means.log.warn('a tool is left out', { server: this.name, tool, reason });
    }
    return offered;
  }

  private withoutChanged(told: ToolList, pins: Pins): ToolList {
    const served = servedIn(told);
    const changed = [...served].flatMap(([tool, definition]) => {
      const why = whyQuarantined(pins.get(tool), definition);
      return why === undefined ? [] : [{ tool, reason: reasonOf(this.name, why) }];
    });
    if (changed.length === 0) return told;
    const names = new Set(changed.map(({ tool }) => tool));
    const { instructions: said, ...rest } = told;
    const tools = told.tools.filter(({ name }) => !names.has(name));
    const instructions = names.has(INSTRUCTIONS) ? {} : { instructions: said };
    return { ...rest, ...instructions, tools, leftOut: [...told.leftOut, ...changed] };
  }

  /** By an operator, by another replica, or by this one. */
  private pinsChanged(): void {
    const pins = this.means.book.last(this.name);
    if (pins === undefined) this.look = undefined;
    if (this.last === undefined || pins === undefined) return;
    const { told } = this.last;
    const offered = this.take(told, pins);
    if (this.look?.told === told) this.look = { told, offered: Promise.resolve(offered) };
  }
}

/** Tools of a server whose definition waits for an operator, as far as is known here. */
export function waitingAt(server: string, book: Pick<PinBook, 'last'>): LeftOut[] {
  return [...(book.last(server) ?? NO_PINS)].flatMap(([tool, pin]) => {
    const why = pin.waiting && whyQuarantined(pin, pin.waiting);
    return why === undefined ? [] : [{ tool, reason: reasonOf(server, why) }];
  });
}

function reasonOf(server: string, why: string): string {
  return `quarantined: ${why}; see and approve it with skynet tools approve ${server}`;
}

function servedIn({ tools, definitions, instructions, reads }: ToolList): Served {
  const own = tools.filter(({ name }) => reads?.has(name) !== true);
  const served = new Map(
    own.map((tool) => [tool.name, definitions?.get(tool.name) ?? definitionOf(tool)]),
  );
  if (instructions !== undefined)
    served.set(INSTRUCTIONS, definitionOf({ description: instructions }));
  return served;
}

function isSame(one: ToolList, other: ToolList): boolean {
  return JSON.stringify(one.leftOut) === JSON.stringify(other.leftOut);
}
