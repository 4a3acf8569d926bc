import {
  rejection,
  type AgentCommandData,
  type AgentId,
  type CommandEnvelope,
} from '@skynet/contracts';
import { isRefused, type Refused, type Rejection } from '@skynet/kernel';
import type { Clock } from '@skynet/platform';
import type { Forking } from '../forking/forking.js';
import { retrySource, tooLittle } from '../forking/retry-source.js';
import type { AgentExecution } from '../owner/agents.js';
import type { LogSource } from '../past/agent-log.js';
import { readTreeLog } from '../past/tree-log.js';
import type { NewTrees } from './new-trees.js';

type Retried = AgentExecution | Refused;
type Wishes = AgentCommandData<'RetryAgent'>;

export interface RetryingContext {
  readonly forking: Pick<Forking, 'limitsOf' | 'makeRoot'>;
  readonly newTrees: Pick<NewTrees, 'make'>;
  readonly store: LogSource;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Lets new agents take the place of those that have ended and not completed. */
export class Retrying {
  constructor(private readonly context: RetryingContext) {}

  /** Another tenant's agent is not found, like one that never was. Safe to retry with the same id. */
  async retry(envelope: CommandEnvelope, wishes: Wishes): Promise<Retried> {
    const { tenant } = envelope;
    const { agentId, limits: asked } = wishes;
    const make = () => this.retryRoot(envelope, wishes);
    return this.context.newTrees.make(tenant, agentId, make, asked);
  }

  private async retryRoot(envelope: CommandEnvelope, wishes: Wishes): Promise<Retried> {
    const { clock, forking, store } = this.context;
    const { retryOf, model, limits: asked = {} } = wishes;
    const tree = await readTreeLog(store, envelope.tenant, retryOf);
    if (tree === undefined) {
      return { refused: rejection('AGENT_NOT_FOUND', `There is no agent ${retryOf}.`) };
    }
    const found = await retrySource(tree);
    if (isRefused(found)) return found;
    const { parentId, rootId } = found.end.state.spawned;
    if (parentId !== undefined) return { refused: ofNobody(retryOf, rootId) };
    const limits = forking.limitsOf(found.end, asked);
    const given = { wished: Object.keys(asked), isOtherModel: model !== undefined };
    const refused = tooLittle(found, { limits, nowMs: clock.nowMs(), ...given });
    if (refused !== undefined) return { refused };
    return forking.makeRoot(envelope, wishes, { source: found.source, limits, retryOf });
  }
}

function ofNobody(retryOf: AgentId, rootId: AgentId): Rejection {
  const message = `the parent of ${retryOf} has ended: retry the root ${rootId}`;
  return rejection('PARENT_ENDED', message);
}
