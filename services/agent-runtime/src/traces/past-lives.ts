import { streamNames, type AgentId } from '@skynet/contracts';
import type { Clock, EventStore, ShowText } from '@skynet/platform';
import { readRecord, type AgentRecord } from '../log/agent-commit.js';
import { FairTurns } from '../pacing/fair-turns.js';
import { AgentLife, birthOf } from './agent-life.js';
import type { LastHeard } from './open-calls.js';

export interface PastLivesDependencies {
  readonly store: Pick<EventStore, 'read'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly lastHeardMs: LastHeard;
  readonly showText: ShowText | undefined;
}

const AT_ONCE = 4;
const PAGE = 1_000;
/** Of a longer life only the birth and so many of its newest events are read. */
const MOST_READ = 10_000;
/** Who led then has sent the start of an agent that lived as long before its eyes, on a slow machine as well. */
const SEEN_MS = 3_000;
/** Nobody was away for so long just after the birth. */
const OLD_MS = 60_000;

/** What agents did before this process followed the log. */
export class PastLives {
  private readonly turns = new FairTurns(AT_ONCE);

  constructor(private readonly deps: PastLivesDependencies) {}

  /**
   * The life as it was before the event with this revision; undefined where nobody traces it.
   *
   * @throws UnreadableStreamError, WorldError when the stream can't be read; safe to retry
   */
  read(agentId: AgentId, revision: number): Promise<AgentLife | undefined> {
    return this.turns.run('traces', () => this.readInTurn(agentId, revision));
  }

  private async readInTurn(agentId: AgentId, revision: number): Promise<AgentLife | undefined> {
    const { clock, lastHeardMs, showText } = this.deps;
    const [first] = await this.page(agentId, 0, 1);
    const birth = first && birthOf(first, showText);
    if (first === undefined || birth === undefined) return undefined;
    const life = new AgentLife(agentId, birth, lastHeardMs);
    let seenMs = birth.bornMs;
    const see = (record: AgentRecord) => {
      life.see(record);
      const heardMs = record.type === 'RunStarted' && lastHeardMs(record.data.workerId);
      seenMs = Math.max(seenMs, record.timeMs, heardMs || 0);
    };
    see(first);
    for (let from = Math.max(1, revision - MOST_READ); from < revision;) {
      const page = await this.page(agentId, from, Math.min(PAGE, revision - from));
      page.forEach(see);
      if (page.length === 0) break;
      from += page.length;
    }
    const ageMs = clock.nowMs() - birth.bornMs;
    life.hasStartSpan = seenMs - birth.bornMs >= SEEN_MS || ageMs >= OLD_MS;
    return life;
  }

  private async page(agentId: AgentId, from: number, max: number): Promise<AgentRecord[]> {
    const stored = await this.deps.store.read(streamNames.agent(agentId), { from, max });
    return stored.map(readRecord);
  }
}
