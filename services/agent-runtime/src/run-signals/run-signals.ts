import { agentIdOfStream, endsAgent } from '@skynet/contracts';
import type { StreamFault } from '@skynet/platform';
import type { AgentCommit, AgentRecord } from '../log/agent-commit.js';
import type { LogConsumer } from '../log/log-consumer.js';
import type { AgentRun } from '../worker/run/agent.runner.js';
import type { Worker } from '../worker/worker.js';

/**
 * Stops runs of this process whose agents have ended, can't be read on, or are run by another worker; a paused one does
 * not wait for its provider, and one with a message that is not to wait gives up its model call.
 * A call under way has the answers to what its server asked.
 */
export class RunSignals implements LogConsumer {
  constructor(private readonly worker: Pick<Worker, 'runOf'>) {}

  handle({ stream, events }: AgentCommit): void {
    const run = this.runOf(stream);
    if (run === undefined) return;
    if (events.some((event) => endsAgent(event) || supersedes(event, run.epoch))) run.stop();
    else if (events.some(({ type }) => type === 'AgentPaused')) run.stopWaiting();
    for (const event of events) {
      if (event.type === 'MessageReceived' && event.data.interrupts) run.interrupt(event.revision);
      if (event.type === 'ToolInputGiven') run.inputs.give(event.data);
    }
  }

  handleFault({ stream }: StreamFault): void {
    this.runOf(stream)?.stop();
  }

  private runOf(stream: string): AgentRun | undefined {
    const agentId = agentIdOfStream(stream);
    return agentId === undefined ? undefined : this.worker.runOf(agentId);
  }
}

/** Whether a run later than that epoch has started. Older starts show again when the log is read anew. */
function supersedes(event: AgentRecord, epoch: number): boolean {
  return epoch > 0 && event.type === 'RunStarted' && event.data.epoch > epoch;
}
