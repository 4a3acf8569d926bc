import {
  agentIdOfStream,
  dataOfAgentEvent,
  type AgentEventData,
  type AgentId,
  type Text,
} from '@skynet/contracts';
import { isSpawned, shownName, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import { faultOf, WorldError } from '@skynet/platform';
import { originOf, type Agents } from '../owner/agents.js';
import type { ReactedCommit, Reactor } from './reactions.js';

type Sender = Awaited<ReturnType<Agents['load']>>;

/** A message on its way from one agent to another. */
interface Letter {
  /** Of the command that delivers it. */
  readonly id: string;
  readonly messageId: string;
  readonly to: AgentId;
  readonly text: Text;
  readonly interrupts: boolean;
  /** What it was sent to, where that is not the receiver. */
  readonly sentTo?: string;
  /** The client that says it. Default: the agent in whose log it is. */
  readonly principal?: string;
  readonly traceparent: string | undefined;
}

/**
 * Delivers what agents tell each other, in the order of their logs: what one can't be told yet holds back what the same
 * agent tells it later, and nothing else.
 */
export class MessagesReactor implements Reactor {
  readonly name = 'messages';
  /** Of each sender and receiver, in the order of the sender's log. */
  private readonly undelivered = new Map<string, Letter[]>();
  /** Of a commit that is tried again, what was not delivered. */
  private readonly left = new WeakMap<ReactedCommit, readonly Letter[]>();

  constructor(private readonly agents: Pick<Agents, 'load' | 'execute'>) {}

  react(commit: ReactedCommit): Promise<void> | undefined {
    const senderId = agentIdOfStream(commit.stream);
    const letters = this.left.get(commit) ?? lettersIn(commit);
    if (senderId === undefined || letters.length === 0) return undefined;
    return this.deliver(senderId, letters, commit);
  }

  private async deliver(
    senderId: AgentId,
    letters: readonly Letter[],
    commit: ReactedCommit,
  ): Promise<void> {
    const ways = Map.groupBy(letters, ({ to }) => `${senderId} ${to}`);
    for (const [way, own] of ways) this.queue(way, own);
    const sender = await this.agents.load(senderId, commit.revision);
    const failures: Error[] = [];
    const left: Letter[] = [];
    for (const [way, own] of ways) {
      try {
        await this.deliverOn(way, sender, own);
      } catch (error) {
        failures.push(error instanceof Error ? error : new Error(String(error)));
        left.push(...own);
      }
    }
    this.left.set(commit, left);
    const worst = failures.find(isLater) ?? failures[0];
    if (worst !== undefined) throw worst;
  }

  private queue(way: string, letters: readonly Letter[]): void {
    const queue = this.undelivered.get(way) ?? [];
    this.undelivered.set(way, queue);
    // This may be another try.
    const known = new Set(queue.map(({ id }) => id));
    queue.push(...letters.filter(({ id }) => !known.has(id)));
  }

  private async deliverOn(way: string, sender: Sender, letters: readonly Letter[]): Promise<void> {
    const queue = this.undelivered.get(way) ?? [];
    const own = new Set(letters.map(({ id }) => id));
    for (let next = queue[0]; next && queue.some(({ id }) => own.has(id)); next = queue[0]) {
      await this.send(sender, next, queue);
    }
    if (queue.length === 0) this.undelivered.delete(way);
  }

  private async send(sender: Sender, letter: Letter, queue: Letter[]): Promise<void> {
    const takeOut = () => {
      const place = queue.indexOf(letter);
      if (place >= 0) queue.splice(place, 1);
    };
    try {
      if (isSpawned(sender)) await this.tell(sender, letter);
      takeOut();
    } catch (error) {
      // Nothing can be told to one whose stream can't be read.
      if (!isLater(error)) takeOut();
      if (faultOf(error) === undefined) throw error;
    }
  }

  private async tell(sender: SpawnedAgent, letter: Letter): Promise<void> {
    const { id, messageId, to, text, interrupts, traceparent } = letter;
    const data = { messageId, from: fromOf(sender, letter), text, interrupts };
    const request = { id, type: 'SendAgentMessage', data } as const;
    const origin = { ...originOf(sender), traceparent };
    const told = await this.agents.execute(to, request, origin);
    if (!isRefused(told)) return;
    // A child or a sibling that is reserved is there soon.
    const isComing = told.state.phase === 'absent' && mayCome(sender, to);
    if (isComing || told.refused.code === 'LIMIT_MESSAGES') {
      throw new WorldError(`${to} takes no message yet: ${told.refused.message}`, 'later');
    }
  }
}

function fromOf(
  { spawned: { agentId, spec } }: SpawnedAgent,
  { principal, sentTo }: Letter,
): AgentEventData<'MessageReceived'>['from'] {
  if (principal !== undefined) return { kind: 'client', principal };
  const name = spec.metadata['name'];
  return {
    ...{ kind: 'agent', agentId },
    ...(name && { name: shownName(name) }),
    ...(sentTo !== undefined && { sentTo }),
  };
}

function isLater(error: unknown): boolean {
  return faultOf(error) === undefined && error instanceof WorldError && error.retry === 'later';
}

/** Whether a sibling has ended its own parent knows. */
function mayCome({ children, spawned }: SpawnedAgent, agentId: AgentId): boolean {
  return agentId !== spawned.parentId && children.get(agentId)?.ended === undefined;
}

function lettersIn({ events }: ReactedCommit): Letter[] {
  return events.flatMap((event) => {
    const sent = dataOfAgentEvent(event, 'MessageSent');
    const broadcast = dataOfAgentEvent(event, 'MessageBroadcast');
    const said = sent ?? broadcast;
    if (said === undefined) return [];
    const { messageId, text, interrupts } = said;
    const { traceparent } = event.metadata;
    const from = { sentTo: sent?.sentTo, principal: broadcast?.principal };
    const letter = { messageId, text, interrupts, ...from, traceparent };
    return said.to.map((to) => ({ ...letter, id: `${to}:${messageId}`, to }));
  });
}
