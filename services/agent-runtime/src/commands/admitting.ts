import type { AgentCommandData } from '@skynet/contracts';
import { faultOf } from '@skynet/platform';
import type { Agents } from '../owner/agents.js';
import { originOf } from '../owner/envelope-origin.js';
import type { ReceivedCommand } from './received-command.js';

type AdmittedTurn = AgentCommandData<'AdmitAgents'>['agents'][number];

/** Begins a run of the agent here until then, monotonic milliseconds, or leaves it to the queue of workers by `enqueue`; false: there is no room. */
export type BeginHere = (
  turn: AdmittedTurn,
  lastMomentMs: number,
  enqueue: () => Promise<void>,
) => boolean;

/** Takes the turns that the scheduler gives: an agent begins here at once, or is admitted for whichever worker has room. */
export class Admitting {
  constructor(
    private readonly agents: Agents,
    private readonly beginHere: BeginHere,
  ) {}

  /** @throws WorldError `retry: 'later'` as `Agents.execute`; safe to retry */
  async admit(turns: readonly AdmittedTurn[], envelope: ReceivedCommand): Promise<void> {
    const { lastMomentMs } = envelope;
    const others = turns.filter((turn) => {
      const enqueue = () => this.admitOne(turn, envelope);
      return !this.beginHere(turn, lastMomentMs, enqueue);
    });
    await Promise.all(others.map((turn) => this.admitOne(turn, envelope)));
  }

  /** One that can't be read is left to whoever reads the log; the others of the command go on. */
  private async admitOne(
    { agentId, queuedRevision }: AdmittedTurn,
    envelope: ReceivedCommand,
  ): Promise<void> {
    const { lastMomentMs } = envelope;
    const id = `${agentId}:admit:${queuedRevision}`;
    const request = { id, type: 'AdmitAgent', data: { queuedRevision }, lastMomentMs } as const;
    try {
      await this.agents.execute(agentId, request, originOf(envelope));
    } catch (error) {
      if (faultOf(error) === undefined) throw error;
    }
  }
}
