import type { AgentId } from '@skynet/contracts';
import type { AgentExecution } from '../../owner/agents.js';
import { beginningOf, sendBirth, type StartDependencies, type Unborn } from './beginning.js';
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
    private readonly deps: StartDependencies,
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
    // One that is there may have been made with other arguments, and this run be prepared for none of its.
    const order = { slot, patienceMs: PATIENCE_MS, follows: true };
    const sent = await sendBirth(this.root, order, this.deps);
    const beginning = beginningOf(sent);
    if (beginning.kind !== 'missed') this.settle(sent?.execution);
    return beginning;
  }

  /** Whoever waits for it spawns it into the queue. */
  enqueue(): Promise<void> {
    this.settle(undefined);
    return Promise.resolve();
  }
}
