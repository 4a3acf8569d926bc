import { streamNames, type AgentId } from '@skynet/contracts';
import type { Schedule } from '@skynet/domain-scheduling';
import { sleep, WorldError, type Clock, type EventStore, type Logger } from '@skynet/platform';

export interface MissingAgentsDependencies {
  readonly store: Pick<EventStore, 'read'>;
  readonly schedule: Pick<Schedule, 'save'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Nothing is known of the agent any more. */
  readonly drop: (agentId: AgentId) => void;
}

const READ_AT_ONCE = 8;
const PAUSE_MS = 20;
const AGAIN_MS = 1_000;

/**
 * Agents that count as live here and are not in the log any more: they ended, and were forgotten, while this process did
 * not read the log, or had read a part of theirs only. Looked for once, behind a start.
 */
export class MissingAgents {
  private isStopped = false;

  constructor(private readonly deps: MissingAgentsDependencies) {}

  /** Resolves when each agent that is live now was looked for. Never rejects for what the world prevents. */
  async look(): Promise<void> {
    const { clock, log, schedule } = this.deps;
    const live = schedule.save().entries.map(({ agentId }) => agentId);
    for (let start = 0; start < live.length && !this.isStopped;) {
      try {
        await Promise.all(live.slice(start, start + READ_AT_ONCE).map((id) => this.lookFor(id)));
        start += READ_AT_ONCE;
        await sleep(clock, PAUSE_MS);
      } catch (error) {
        if (!(error instanceof WorldError)) throw error;
        log.debug('live agents are looked for again later', { error });
        await sleep(clock, AGAIN_MS);
      }
    }
  }

  stop(): void {
    this.isStopped = true;
  }

  private async lookFor(agentId: AgentId): Promise<void> {
    const { drop, log, store } = this.deps;
    const stream = streamNames.agent(agentId);
    const events = await store.read(stream, { backwards: true, max: 1 }).catch(unlessForGood);
    if (events === undefined || events.length > 0) return;
    log.info('an agent that was live is not in the log any more', { agentId });
    drop(agentId);
  }
}

/** A stream that can't be read is there. */
function unlessForGood(error: unknown): undefined {
  if (!(error instanceof WorldError) || error.retry === 'later') throw error;
  return undefined;
}
