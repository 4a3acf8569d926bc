import { agentTexts, type AgentText, type TextWish } from '@skynet/contracts';
import { HeardText, type HeardAgent, type HeardTextDependencies } from './heard-text.js';

/** Characters of the text in a line for people. */
const TAIL_CHARS = 160;
/** Messages that a slow caller has not taken yet; of more, the oldest are lost. */
const MOST_WAITING = 16;

/** Says a line for people, with the text for programs in `meta`. */
export type TellText = (line: string, meta: Readonly<Record<string, unknown>>) => Promise<void>;

/** Tells a caller who waits for an agent the text that is being written, as far as the caller wishes. */
export class ToldText {
  private readonly heard: HeardText | undefined;
  private readonly waiting: AgentText[] = [];
  private isTelling = false;
  private callId = '';
  private written = '';

  constructor(
    agent: HeardAgent,
    private readonly wish: TextWish,
    deps: HeardTextDependencies,
    private readonly tell: TellText,
  ) {
    if (wish === 'none') return;
    const tree = wish === 'tree';
    this.heard = new HeardText({ ...agent, tree }, deps, (text) => this.hear(text));
  }

  /** The last words that the agent is writing, in a line, where no more is wished; undefined when it writes none now. */
  get tail(): string | undefined {
    return this.written === '' ? undefined : inLine(this.written);
  }

  close(): void {
    this.heard?.close();
    this.waiting.length = 0;
  }

  private hear(text: AgentText): void {
    if (this.wish === 'tail') return this.keepTail(text);
    this.waiting.push(text);
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    if (!this.isTelling) void this.tellOn();
  }

  private keepTail({ callId, text, state }: AgentText): void {
    const before = callId === this.callId ? this.written : '';
    this.callId = callId;
    this.written = state === 'open' ? (before + text).slice(-TAIL_CHARS) : '';
  }

  /** One after the other, so that whoever is slow holds nothing up but what is for itself. */
  private async tellOn(): Promise<void> {
    this.isTelling = true;
    for (let text = this.waiting.shift(); text !== undefined; text = this.waiting.shift()) {
      await this.tell(lineOf(text), agentTexts.toMeta(text)).catch(() => undefined);
    }
    this.isTelling = false;
  }
}

function lineOf({ agentId, rootId, template, text, state }: AgentText): string {
  const who = agentId === rootId ? '' : `${template ?? 'agent'} ${agentId} `;
  if (state === 'dropped') return `${who}writes anew`;
  return `${who}writes: ${inLine(text)}`;
}

function inLine(text: string): string {
  return text.slice(-TAIL_CHARS).toWellFormed().replaceAll(/\s+/g, ' ').trim();
}
