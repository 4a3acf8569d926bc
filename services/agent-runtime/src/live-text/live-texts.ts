import { subjects, TEXT_HINT_MAX_BYTES, type AgentText } from '@skynet/contracts';
import type { SpawnedAgent } from '@skynet/domain-agents';
import type { Clock, MessageBus } from '@skynet/platform';
import { WantedTexts } from './wanted-texts.js';

/** Of one model call, two hints are not closer than this, but for the last one. */
const EVERY_MS = 250;
/** A UTF-16 unit takes no more. */
const MOST_UNIT_BYTES = 3;

/** Text of models while they write it, for those who listen. */
export class LiveTexts {
  private readonly wanted: WantedTexts;

  constructor(
    private readonly bus: Pick<MessageBus, 'hint' | 'onHint'>,
    private readonly clock: Clock,
  ) {
    this.wanted = new WantedTexts(clock);
  }

  /** Hears from now on who listens; returns a stop function. */
  serve(): () => void {
    return this.wanted.listen(this.bus);
  }

  /** `summarises`: what the model writes is for itself alone. */
  of(
    agent: Pick<SpawnedAgent, 'spawned'>,
    call: { readonly callId: string; readonly summarises?: boolean },
  ): LiveText {
    const { bus, wanted, clock } = this;
    const { tenant, agentId, rootId, spec } = agent.spawned;
    const subject = subjects.agentText(tenant, rootId, agentId);
    const { callId } = call;
    const { template } = spec;
    const of = { agentId, rootId, ...(template !== undefined && { template }), callId };
    return new LiveText({
      isWanted: () => call.summarises !== true && wanted.isWanted(agent),
      send: (piece) => bus.hint(subject, { ...of, ...piece }),
      clock,
    });
  }
}

interface LiveTextMeans {
  readonly isWanted: () => boolean;
  readonly send: (piece: Pick<AgentText, 'at' | 'text' | 'state'>) => void;
  readonly clock: Clock;
}

/** Text of one model call. Never waits, never fails, and keeps no more than one hint holds. */
export class LiveText {
  /** Of the text that came before what is pending. */
  private at = 0;
  private pending = '';
  private sentMs = -Infinity;
  private hasSent = false;
  private cancel: (() => void) | undefined;

  constructor(private readonly means: LiveTextMeans) {}

  readonly take = (delta: string): void => {
    this.pend(delta);
    if (!this.means.isWanted()) this.skip();
    else if (this.cancel === undefined) this.sendInTime();
  };

  /** No more text comes. */
  end(state: 'done' | 'dropped'): void {
    this.cancel?.();
    this.cancel = undefined;
    if ((this.hasSent || this.pending !== '') && this.means.isWanted()) this.send(state);
  }

  private sendInTime(): void {
    const { clock } = this.means;
    const waitMs = Math.max(0, this.sentMs + EVERY_MS - clock.monotonicMs());
    this.cancel = clock.timer(waitMs, () => {
      this.cancel = undefined;
      this.send('open');
    });
  }

  private send(state: AgentText['state']): void {
    const { at, pending: text } = this;
    this.skip();
    this.sentMs = this.means.clock.monotonicMs();
    this.hasSent = true;
    this.means.send({ at, text: text.toWellFormed(), state });
  }

  private skip(): void {
    this.at += this.pending.length;
    this.pending = '';
  }

  /** Of more than fits, the end. */
  private pend(delta: string): void {
    const all = this.pending + delta;
    this.pending = endOf(all);
    this.at += all.length - this.pending.length;
  }
}

function endOf(text: string): string {
  if (text.length * MOST_UNIT_BYTES <= TEXT_HINT_MAX_BYTES) return text;
  const end = text.slice(-TEXT_HINT_MAX_BYTES);
  if (Buffer.byteLength(end) <= TEXT_HINT_MAX_BYTES) return end;
  return text.slice(-Math.floor(TEXT_HINT_MAX_BYTES / MOST_UNIT_BYTES));
}
