import { agentIdOfStream, endsAgent, type AgentId } from '@skynet/contracts';
import { MemoryLog, sha256Hex, type Commit } from '@skynet/platform';
import type { WatchedLog } from '../ports/sim-event-store.js';
import type { VirtualTime } from '../time/virtual-time.js';

/** An event as it came into the log. */
export interface SeenEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly epoch: number;
  /** Name of the process that wrote it. */
  readonly by: string;
  readonly timeMs: number;
  /** Since the start of the simulation. */
  readonly atMs: number;
  /** Place among all events of agents. */
  readonly place: number;
}

/** An event of a schedule or a tenant; `place`: events of agents before it. */
export type OtherEvent = Omit<SeenEvent, 'epoch' | 'by' | 'timeMs'>;

/** What the log has of one agent. */
export interface LoggedAgent {
  readonly agentId: AgentId;
  readonly events: SeenEvent[];
  rootId: string;
  tenant: string;
  parentId: string | undefined;
  path: string;
  isEnded: boolean;
  isPaused: boolean;
  readonly doubts: Set<string>;
}

type Watcher = (last: string, writer: string) => void;

/** The log of a simulation, read beside the product: when each event came, and what became of each agent. */
export class SeenLog extends MemoryLog implements WatchedLog {
  writer = '';
  readonly agents = new Map<string, LoggedAgent>();
  /** Events of all agents in the order of the log. */
  readonly events: { readonly agent: LoggedAgent; readonly event: SeenEvent }[] = [];

  private readonly watchers = new Set<Watcher>();
  private readonly others: {
    readonly commit: Commit;
    readonly atMs: number;
    readonly place: number;
  }[] = [];

  constructor(private readonly time: VirtualTime) {
    super();
  }

  override add(commit: Commit): void {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId !== undefined) this.see(agentId, commit);
    else this.others.push({ commit, atMs: this.time.elapsedMs, place: this.events.length });
    super.add(commit);
  }

  /** What came into the streams of one category that are not agents': of each stream in its order. */
  of(prefix: string): ReadonlyMap<string, readonly OtherEvent[]> {
    const found = this.others.filter(({ commit }) => commit.stream.startsWith(prefix));
    const events = found.flatMap(({ commit, atMs, place }) =>
      commit.events.map(({ type, data }) => ({
        stream: commit.stream.slice(prefix.length),
        type,
        data: dataAs<SeenEvent['data']>(data),
        ...{ atMs, place },
      })),
    );
    return Map.groupBy(events, ({ stream }) => stream);
  }

  /** Calls with the last event of each commit of an agent, before anybody hears of it; the returned function ends that. */
  whenLogged(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Of everything that came into the log, and when. */
  get digest(): string {
    const said = this.events.map(({ agent, event }) => [agent.agentId, event]);
    return sha256Hex(JSON.stringify(said));
  }

  private see(agentId: AgentId, { events }: Commit): void {
    const agent = this.agents.get(agentId) ?? newAgent(agentId);
    this.agents.set(agentId, agent);
    for (const { type, data, timeMs, metadata } of events) {
      const event: SeenEvent = {
        type,
        data: dataAs<SeenEvent['data']>(data),
        epoch: metadata.epoch,
        by: this.writer,
        timeMs,
        atMs: this.time.elapsedMs,
        place: this.events.length,
      };
      agent.events.push(event);
      this.events.push({ agent, event });
      follow(agent, event);
    }
    const last = events.at(-1)?.type ?? '';
    for (const watcher of this.watchers) watcher(last, this.writer);
  }
}

function newAgent(agentId: AgentId): LoggedAgent {
  return {
    agentId,
    events: [],
    rootId: agentId,
    tenant: '',
    parentId: undefined,
    path: '',
    isEnded: false,
    isPaused: false,
    doubts: new Set(),
  };
}

function follow(agent: LoggedAgent, { type, data }: SeenEvent): void {
  const toolCallId = String(data['toolCallId']);
  if (type === 'AgentSpawned') {
    const { rootId, tenant, parentId, spec } = dataAs<{
      rootId: string;
      tenant: string;
      parentId?: string;
      spec: { task: { description: string } };
    }>(data);
    Object.assign(agent, { rootId, tenant, parentId, path: spec.task.description });
  } else if (endsAgent({ type }) || type === 'AgentRefused') agent.isEnded = true;
  else if (type === 'AgentPaused') agent.isPaused = true;
  else if (type === 'AgentResumed') agent.isPaused = false;
  else if (type === 'ToolCallInDoubt') agent.doubts.add(toolCallId);
  else if (type === 'ToolCallSettled' || type === 'ToolCallReleased')
    agent.doubts.delete(toolCallId);
}

/** What stands in the log, as this simulator reads it: with nothing of the product's own decoders. */
export function dataAs<Data>(stored: unknown): Data {
  return stored as Data;
}
