import type { AgentId } from '@skynet/contracts';
import { isSpawned } from '@skynet/domain-agents';
import type { AgentExecution } from '../../owner/agents.js';
import { beginningOf, sendBirth, type StartTools, type Unborn } from './beginning.js';
import type { Beginning, Slot, Start } from './start.js';

/** A client waits for its answer: tool servers that take longer to start are there later. */
const PATIENCE_MS = 20;

/** A root whose stream nobody has made, and for which a client waits. */
export class RootStart implements Start {
  /** How its stream began; undefined when it did not begin with a run: then it is spawned into the queue. */
  readonly made: Promise<AgentExecution | undefined>;
  private settle: (made: AgentExecution | undefined) => void = () => undefined;

  constructor(
    private readonly root: Unborn,
    private readonly tools: StartTools,
  ) {
    this.made = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get agentId(): AgentId {
    return this.root.data.agentId;
  }

  get tenant(): string {
    return this.root.data.tenant;
  }

  async begin(slot: Slot): Promise<Beginning> {
    const order = { slot, patienceMs: PATIENCE_MS, queuedRevision: 0 };
    const sent = await sendBirth(this.root, order, this.tools);
    const beginning = beginningOf(sent);
    if (beginning.kind !== 'missed') this.settle(asAsked(this.root, sent?.execution));
    return beginning;
  }

  /** Whoever waits for it spawns it into the queue. */
  enqueue(): Promise<void> {
    this.settle(undefined);
    return Promise.resolve();
  }
}

/** Somebody else may have made an agent of the same id from other arguments: the spawn is told so by the agent. */
function asAsked({ data }: Unborn, execution?: AgentExecution): AgentExecution | undefined {
  const state = execution?.state;
  const isSame =
    state !== undefined && isSpawned(state) && state.spawned.spec.argsHash === data.spec.argsHash;
  return isSame ? execution : undefined;
}
