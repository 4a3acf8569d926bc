import type { AgentRow, TextWish } from '@skynet/contracts';
import type { Logger } from '@skynet/platform';
import type { HeardTextDependencies } from '../live-text/heard-text.js';
import { ToldText } from '../live-text/told-text.js';
import type { FoundAgent } from './agent-reader.js';
import { AgentWait, type AgentWaitOptions, type AgentWaitDependencies } from './agent-wait.js';

const LOOK_EVERY_MS = 5_000;
/** Clients that give up after 5 s of silence are common. */
const REPORT_EVERY_MS = 2_000;
const LEAST_SECONDS = 0.001;

export interface Progress {
  readonly elapsedSeconds: number;
  readonly totalSeconds: number;
  readonly message: string;
  /** For programs. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Of a call: who waits. */
interface Waiting {
  readonly principal: { readonly tenant: string };
  readonly signal: AbortSignal;
  readonly report: ((progress: Progress) => Promise<void>) | undefined;
  /** Of text that is being written; heeded where the caller listens at all. */
  readonly text: TextWish;
}

export interface CallWaitDependencies extends AgentWaitDependencies {
  readonly bus: HeardTextDependencies['bus'];
  readonly log: Logger;
}

/** A call that waits for the end of an agent and tells its caller how far the agent is. */
export class CallWait {
  private readonly wait: AgentWait;
  private readonly text: ToldText;
  private toldSeconds = -1;

  constructor(
    private readonly agentId: string,
    private readonly seconds: number,
    private readonly call: Waiting,
    private readonly deps: CallWaitDependencies,
  ) {
    const agent = { tenant: call.principal.tenant, agentId };
    this.wait = new AgentWait(agent, deps);
    const wish = call.report === undefined ? 'none' : call.text;
    this.text = new ToldText(agent, wish, deps, (line, meta) => this.report(line, meta));
  }

  /** See `AgentWait.untilEnd`. */
  untilEnd(made?: AgentWaitOptions['made']): Promise<FoundAgent | undefined> {
    const { report, signal } = this.call;
    return this.wait.untilEnd({
      timeoutMs: this.seconds * 1_000,
      lookEveryMs: report === undefined ? LOOK_EVERY_MS : REPORT_EVERY_MS,
      signal,
      onLook: (seen) => this.tell(progressOf(seen, this.text.tail)),
      made,
    });
  }

  tell(message: string): void {
    void this.report(message);
  }

  close(): void {
    this.wait.close();
    this.text.close();
  }

  /** Resolves when it is told, or can't be. */
  private async report(message: string, meta?: Progress['meta']): Promise<void> {
    const { agentId, seconds: totalSeconds } = this;
    // Each message of progress says more than the one before it.
    const elapsedSeconds = Math.max(this.wait.elapsedMs / 1_000, this.toldSeconds + LEAST_SECONDS);
    this.toldSeconds = elapsedSeconds;
    const told = { elapsedSeconds, totalSeconds, message, ...(meta !== undefined && { meta }) };
    await this.call.report?.(told).catch((error: unknown) => {
      this.deps.log.debug('nobody hears of progress', { agentId, error });
    });
  }
}

function progressOf({ status, progress, step }: AgentRow, text: string | undefined): string {
  const detail = text ?? progress?.message ?? step;
  return detail === undefined ? status : `${status}: ${detail}`;
}
