import { subjects, treeWaitAnswerSchema, type AgentRow } from '@skynet/contracts';
import { WorldError, type MessageBus } from '@skynet/platform';

/** The answer to a question about something else does not wait for longer. */
const ANSWER_WITHIN_MS = 500;

/** Asks the scheduler why a root has not started. */
export class TreeWaits {
  constructor(private readonly bus: Pick<MessageBus, 'request'>) {}

  /** What such a root does, in words; undefined for all others, and while no scheduler answers. */
  async stepOf({ agentId, parentId, status, tenant }: AgentRow): Promise<string | undefined> {
    if (status !== 'queued' || parentId !== undefined) return undefined;
    const wait = await this.ask({ tenant, agentId });
    if (wait === undefined) return undefined;
    const { limit, max, waitingTrees } = wait;
    return `waits to start: the tenant has ${max} ${names[limit]}, its limit ${limit}; ${waitingTrees} trees wait`;
  }

  private async ask(request: Pick<AgentRow, 'tenant' | 'agentId'>) {
    const options = { timeoutMs: ANSWER_WITHIN_MS };
    try {
      const answer = await this.bus.request(subjects.treeWait, request, options);
      return treeWaitAnswerSchema.parse(answer).wait;
    } catch (error) {
      if (error instanceof WorldError) return undefined;
      throw error;
    }
  }
}

const names = { liveAgents: 'live agents', runningTrees: 'running trees' } as const;
