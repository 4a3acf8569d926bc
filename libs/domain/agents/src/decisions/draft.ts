import type { AgentEvent, AgentEventData, AgentEventType } from '@skynet/contracts';
import type { AgentState, SpawnedAgent } from '../agent/agent-state.js';
import type { Sha256 } from '../evolution/conversing.js';

/** What rules need beside command and state. */
export interface Rules {
  readonly evolve: (state: AgentState, event: AgentEvent) => AgentState;
  readonly sha256: Sha256;
}

/** Events of one decision in the making, with the state after them: later rules of the same step see earlier ones. */
export class Draft {
  readonly events: AgentEvent[] = [];

  constructor(
    public state: SpawnedAgent,
    readonly rules: Rules,
    /** Time of the command, epoch milliseconds. */
    readonly nowMs: number,
  ) {}

  add<Type extends AgentEventType>(type: Type, data: AgentEventData<Type>): this {
    const event = { type, data } as AgentEvent;
    this.events.push(event);
    this.state = this.rules.evolve(this.state, event) as SpawnedAgent;
    return this;
  }
}
