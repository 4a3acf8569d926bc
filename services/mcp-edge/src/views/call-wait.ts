import type { AgentRow } from '@skynet/contracts';
import type { Logger } from '@skynet/platform';
import type { FoundAgent } from './agent-reader.js';
import { AgentWait, type AgentWaitOptions, type AgentWaitDependencies } from './agent-wait.js';

const LOOK_EVERY_MS = 5_000;
/** Clients that give up after 5 s of silence are common. */
const REPORT_EVERY_MS = 2_000;

export interface Progress {
  readonly elapsedSeconds: number;
  readonly totalSeconds: number;
  readonly message: string;
}

/** Of a call: who waits. */
interface Waiting {
  readonly principal: { readonly tenant: string };
  readonly signal: AbortSignal;
  readonly report: ((progress: Progress) => Promise<void>) | undefined;
}

export interface CallWaitDependencies extends AgentWaitDependencies {
  readonly log: Logger;
}

/** A call that waits for the end of an agent and tells its caller how far the agent is. */
export class CallWait {
  private readonly wait: AgentWait;

  constructor(
    private readonly agentId: string,
    private readonly seconds: number,
    private readonly call: Waiting,
    private readonly deps: CallWaitDependencies,
  ) {
    this.wait = new AgentWait({ tenant: call.principal.tenant, agentId }, deps);
  }

  /** See `AgentWait.untilEnd`. */
  untilEnd(made?: AgentWaitOptions['made']): Promise<FoundAgent | undefined> {
    const { report, signal } = this.call;
    return this.wait.untilEnd({
      timeoutMs: this.seconds * 1_000,
      lookEveryMs: report === undefined ? LOOK_EVERY_MS : REPORT_EVERY_MS,
      signal,
      onLook: (seen) => this.tell(progressOf(seen)),
      made,
    });
  }

  tell(message: string): void {
    const { agentId } = this;
    const { log } = this.deps;
    this.call
      .report?.({
        elapsedSeconds: this.wait.elapsedMs / 1_000,
        totalSeconds: this.seconds,
        message,
      })
      .catch((error: unknown) => log.debug('nobody hears of progress', { agentId, error }));
  }

  close(): void {
    this.wait.close();
  }
}

function progressOf({ status, progress, step }: AgentRow): string {
  const detail = progress?.message ?? step;
  return detail === undefined ? status : `${status}: ${detail}`;
}
