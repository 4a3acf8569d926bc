import type { SpawnedAgent } from '@skynet/domain-agents';

/** Why a call is cut off; one object for all, since making an error costs a stack trace. */
const INTERRUPTED = new Error('a message was not to wait');

/** Cuts off the model call of a run for messages that are not to wait and that the call does not carry. */
export class Interruptions {
  /** Revision of the newest such message. */
  private newest = -1;
  private call: { readonly revision: number; readonly abort: AbortController } | undefined;

  /** A message with that revision is not to wait. */
  at(revision: number): void {
    this.newest = Math.max(this.newest, revision);
    if (this.call !== undefined && this.call.revision < revision)
      this.call.abort.abort(INTERRUPTED);
  }

  /**
   * For the call that is open in this state. `known`: the agent as far as anybody here knows it. A last word is never
   * cut off: there would be nothing left to pay for another.
   */
  signalFor(agent: SpawnedAgent, known: SpawnedAgent = agent): AbortSignal {
    const abort = new AbortController();
    if (agent.modelCall?.windDown === true) return abort.signal;
    this.call = { revision: agent.revision, abort };
    const isOpen = known.modelCall?.callId === agent.modelCall?.callId;
    const isWaiting = [agent, ...(isOpen ? [known] : [])].some(hasInterrupting);
    if (isWaiting || this.newest > agent.revision) abort.abort(INTERRUPTED);
    return abort.signal;
  }
}

function hasInterrupting({ unread }: SpawnedAgent): boolean {
  return unread.some(({ interrupts }) => interrupts);
}
