import {
  agentIdOfStream,
  type AgentCommandData,
  type AgentCommandType,
  type AgentEventData,
  type AgentId,
  slotsWantedSchema,
  subjects,
  type SlotsLent,
  type SlotsWanted,
} from '@skynet/contracts';
import {
  newAgentId,
  type Clock,
  type Commit,
  type EventStore,
  type MessageBus,
  type StoredEvent,
} from '@skynet/platform';
import { dataOf } from '../owner/agent-stream.js';
import type { MemoryRunQueue } from './memory-run-queue.js';

type Send = <Type extends AgentCommandType>(type: Type, data: AgentCommandData<Type>) => unknown;

const LENT_MS = 500;

/** Admits every agent at once, dispatches it, and sees to deadlines: what the scheduler does without its limits. */
export class AdmitAllScheduler {
  private readonly traceparents = new Map<AgentId, string | undefined>();
  /** Otherwise agents wait in the queue. */
  admits = true;
  /** Slots that it lends for trees that begin; undefined: it does not answer. */
  lendsToRoots: number | undefined = 0;

  constructor(
    private readonly send: Send,
    private readonly queue: MemoryRunQueue,
    private readonly clock: Clock,
    private readonly bus: Pick<MessageBus, 'hint' | 'onHint'>,
  ) {}

  async start(store: EventStore): Promise<void> {
    this.bus.onHint(subjects.slotsWanted, ({ data }) => this.lend(slotsWantedSchema.parse(data)));
    await store.subscribe({}, (commit) => this.follow(commit));
  }

  /** All that is asked for. */
  private lend(wanted: SlotsWanted): void {
    const isForRoots = wanted.rootsAskId !== undefined;
    if (isForRoots && this.lendsToRoots === undefined) return;
    const count = Math.min(wanted.count, isForRoots ? (this.lendsToRoots ?? 0) : Infinity);
    const lent: SlotsLent = { ...wanted, count, loanId: newAgentId(), validForMs: LENT_MS };
    this.bus.hint(subjects.slotsLent, lent);
  }

  private follow(commit: Commit): void {
    const agentId = agentIdOfStream(commit.stream);
    if (agentId === undefined) return;
    for (const event of commit.events) this.see(agentId, event);
    this.dispatch(agentId, commit.events);
  }

  /** Who took a slot of another kind runs already, and so does whose run has begun in the same commit. */
  private dispatch(agentId: AgentId, events: readonly StoredEvent[]): void {
    const given = events.find((event) => dataOf(event, 'AgentAdmitted')?.slot.kind === 'given');
    if (given === undefined || events.some(({ type }) => type === 'RunStarted')) return;
    const traceparent = this.traceparents.get(agentId);
    this.queue.push({ agentId, dispatchId: given.revision, traceparent });
  }

  private see(agentId: AgentId, event: StoredEvent): void {
    switch (event.type) {
      case 'AgentSpawned':
        this.traceparents.set(agentId, event.metadata.traceparent);
        this.expireLater(agentId, dataOf(event, 'AgentSpawned'));
        return this.admit(agentId, event.revision);
      case 'AgentWoken':
      case 'RunYielded':
      case 'AgentResumed':
        return this.admit(agentId, event.revision);
      case 'AgentParked':
        return this.wakeLater(agentId, dataOf(event, 'AgentParked'));
      case 'LimitsExtended':
        return this.expireLater(agentId, dataOf(event, 'LimitsExtended'));
      case 'AwaitStarted':
        return this.endAwaitLater(agentId, dataOf(event, 'AwaitStarted'));
      case 'QuestionAsked':
        return this.endAwaitLater(agentId, dataOf(event, 'QuestionAsked'));
      default:
        return undefined;
    }
  }

  private admit(agentId: AgentId, queuedRevision: number): void {
    if (!this.admits) return;
    const traceparent = this.traceparents.get(agentId);
    this.send('AdmitAgents', { agents: [{ agentId, queuedRevision, traceparent }] });
  }

  private expireLater(agentId: AgentId, of?: Pick<AgentEventData<'AgentSpawned'>, 'limits'>): void {
    const leftMs = (of?.limits.deadlineMs ?? 0) - this.clock.nowMs();
    this.clock.timer(leftMs, () => this.send('ExpireAgent', { agentId }));
  }

  private wakeLater(agentId: AgentId, parked?: AgentEventData<'AgentParked'>): void {
    const { untilMs } = parked ?? {};
    if (untilMs === undefined) return;
    this.clock.timer(untilMs - this.clock.nowMs(), () => this.send('WakeAgent', { agentId }));
  }

  private endAwaitLater(
    agentId: AgentId,
    open?: AgentEventData<'AwaitStarted' | 'QuestionAsked'>,
  ): void {
    if (open?.deadlineMs === undefined) return;
    const { toolCallId } = open;
    const leftMs = open.deadlineMs - this.clock.nowMs();
    this.clock.timer(leftMs, () => this.send('EndAwait', { agentId, toolCallId }));
  }
}
