import type { AgentId } from '@skynet/contracts';
import type { AgentExecution } from '../../owner/agents.js';
import { beginningOf, sendBirth, type StartDependencies, type Unborn } from './beginning.js';
import type { Beginning, Slot, Start } from './start.js';

/** A client waits for its answer: tool servers that take longer to start are there later. */
const PATIENCE_MS = 20;

/** One that a command makes, and not after its time. */
export type UnbornRoot = Unborn & Required<Pick<Unborn, 'lastMomentMs'>>;

/** A root whose stream nobody has made, and for which a client waits. */
export class RootStart implements Start {
  /** How its stream began; undefined when it did not begin with a run: then it is spawned into the queue. */
  readonly made: Promise<AgentExecution | undefined>;
  private settle: (made: AgentExecution | undefined) => void = () => undefined;

  constructor(
    private readonly root: UnbornRoot,
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
    const cancel = this.waitNoLonger();
    const sent = await sendBirth(this.root, order, this.deps)
      .catch((error: unknown) => {
        // Whoever waits for it finds out what is in its way.
        this.settle(undefined);
        throw error;
      })
      .finally(cancel);
    const beginning = beginningOf(sent);
    if (beginning.kind !== 'missed') this.settle(sent?.execution);
    return beginning;
  }

  /** A log that is away keeps nobody waiting who has been told so: what was sent to it is seen to all the same. */
  private waitNoLonger(): () => void {
    const { clock } = this.deps;
    const leftMs = this.root.lastMomentMs - clock.monotonicMs();
    return clock.timer(Math.max(0, leftMs) + 1, () => this.settle(undefined));
  }

  /** Whoever waits for it spawns it into the queue. */
  enqueue(): Promise<void> {
    this.settle(undefined);
    return Promise.resolve();
  }
}
