import { agentIdOfStream, dataOfAgentEvent, type AgentId, type Text } from '@skynet/contracts';
import { isSpawned, shownName, type SpawnedAgent } from '@skynet/domain-agents';
import { isRefused } from '@skynet/kernel';
import { faultOf, WorldError } from '@skynet/platform';
import { originOf, type Agents } from '../owner/agents.js';
import type { ReactedCommit, Reactor } from './reactions.js';

/** A message on its way from one agent to another. */
interface Letter {
  /** Of the command that delivers it. */
  readonly id: string;
  readonly messageId: string;
  readonly to: AgentId;
  readonly text: Text;
  readonly interrupts: boolean;
  readonly traceparent: string | undefined;
}

/** Delivers what agents tell each other, in the order of their logs: what can't be delivered yet holds back what comes after it. */
export class MessagesReactor implements Reactor {
  readonly name = 'messages';
  /** Of each sender, in the order of its log. */
  private readonly undelivered = new Map<AgentId, Letter[]>();

  constructor(private readonly agents: Pick<Agents, 'load' | 'execute'>) {}

  react(commit: ReactedCommit): Promise<void> | undefined {
    const senderId = agentIdOfStream(commit.stream);
    const letters = lettersIn(commit);
    if (senderId === undefined || letters.length === 0) return undefined;
    return this.deliver(senderId, letters, commit.revision);
  }

  private async deliver(
    senderId: AgentId,
    letters: readonly Letter[],
    revision: number,
  ): Promise<void> {
    const queue = this.undelivered.get(senderId) ?? [];
    this.undelivered.set(senderId, queue);
    // This may be another try.
    const known = new Set(queue.map(({ id }) => id));
    queue.push(...letters.filter(({ id }) => !known.has(id)));
    const own = new Set(letters.map(({ id }) => id));
    const sender = await this.agents.load(senderId, revision);
    for (let next = queue[0]; next && queue.some(({ id }) => own.has(id)); next = queue[0]) {
      await this.send(sender, next, queue);
    }
    if (queue.length === 0) this.undelivered.delete(senderId);
  }

  private async send(
    sender: Awaited<ReturnType<Agents['load']>>,
    letter: Letter,
    queue: Letter[],
  ): Promise<void> {
    const takeOut = () => {
      const place = queue.indexOf(letter);
      if (place >= 0) queue.splice(place, 1);
    };
    try {
      if (isSpawned(sender)) await this.tell(sender, letter);
      takeOut();
    } catch (error) {
      // Nothing can be told to one whose stream can't be read.
      const isFault = faultOf(error) !== undefined;
      const isLater = !isFault && error instanceof WorldError && error.retry === 'later';
      if (!isLater) takeOut();
      if (!isFault) throw error;
    }
  }

  private async tell(sender: SpawnedAgent, letter: Letter): Promise<void> {
    const { id, messageId, to, text, interrupts, traceparent } = letter;
    const { agentId, spec } = sender.spawned;
    const name = spec.metadata['name'];
    const from = { kind: 'agent', agentId, ...(name && { name: shownName(name) }) } as const;
    const data = { messageId, from, text, interrupts };
    const request = { id, type: 'SendAgentMessage', data } as const;
    const origin = { ...originOf(sender), traceparent };
    const told = await this.agents.execute(to, request, origin);
    if (!isRefused(told)) return;
    // A child that is reserved is there soon.
    const isComing = told.state.phase === 'absent' && isLiveChild(sender, to);
    if (isComing || told.refused.code === 'LIMIT_MESSAGES') {
      throw new WorldError(`${to} takes no message yet: ${told.refused.message}`, 'later');
    }
  }
}

function isLiveChild({ children }: SpawnedAgent, agentId: AgentId): boolean {
  const child = children.get(agentId);
  return child !== undefined && child.ended === undefined;
}

function lettersIn({ events }: ReactedCommit): Letter[] {
  return events.flatMap((event) => {
    const sent = dataOfAgentEvent(event, 'MessageSent');
    if (sent === undefined) return [];
    const { messageId, text, interrupts } = sent;
    const { traceparent } = event.metadata;
    const letter = { messageId, text, interrupts, traceparent };
    return sent.to.map((to) => ({ ...letter, id: `${to}:${messageId}`, to }));
  });
}
