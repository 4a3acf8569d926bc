import type { AgentEventData } from '@skynet/contracts';

type Given = AgentEventData<'ToolInputGiven'>;

/** Answers of people to the servers of calls that are open here. */
export class GivenInputs {
  private readonly waiting = new Map<string, (given: Given) => void>();

  /** The answer to the question of the call with that key; rejects when the signal aborts before. */
  next(toolCallId: string, key: string, signal: AbortSignal): Promise<Given> {
    const { promise, resolve, reject } = Promise.withResolvers<Given>();
    const giveUp = () => reject(new Error('the question is over'));
    const question = nameOf({ toolCallId, key });
    this.waiting.set(question, resolve);
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    return promise.finally(() => {
      signal.removeEventListener('abort', giveUp);
      this.waiting.delete(question);
    });
  }

  /** One that nobody waits for, as when the log is read again, changes nothing. */
  give(given: Given): void {
    this.waiting.get(nameOf(given))?.(given);
  }
}

function nameOf({ toolCallId, key }: Pick<Given, 'toolCallId' | 'key'>): string {
  return `${toolCallId}#${key}`;
}
