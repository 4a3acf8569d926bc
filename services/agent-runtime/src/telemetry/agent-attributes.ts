import type { AgentSpec, Text } from '@skynet/contracts';
import { attributeNames as names, type ShowText, type SpanAttributes } from '@skynet/platform';

interface KnownAgent {
  readonly agentId: string;
  readonly rootId: string;
  readonly parentId?: string;
  readonly depth: number;
  readonly tenant: string;
  readonly spec: Pick<AgentSpec, 'metadata' | 'model' | 'task' | 'template'>;
}

/** What every span of an agent says about it. */
export function agentAttributes(agent: KnownAgent, show: ShowText | undefined): SpanAttributes {
  return {
    [names.agentId]: agent.agentId,
    [names.agentName]: agentNameOf(agent, show),
    [names.conversationId]: agent.rootId,
    [names.rootId]: agent.rootId,
    [names.parentId]: agent.parentId,
    [names.depth]: agent.depth,
    [names.tenant]: agent.tenant,
    [names.requestModel]: agent.spec.model.id,
  };
}

/** A longer one is not read in a picture. */
const NAME_CHARS = 40;
const NAME_WORDS = 6;

/** What people call it, else what it is made after, else the first words of its task where content may be seen. */
export function agentNameOf(
  { spec }: Pick<KnownAgent, 'spec'>,
  show: ShowText | undefined,
): string {
  const { metadata, task, template } = spec;
  const name = metadata['name'] ?? template;
  if (name !== undefined) return cut(name);
  return (show && cut(firstWordsOf(task.description, show))) || 'agent';
}

function firstWordsOf(text: Text, show: ShowText): string {
  if (typeof text !== 'string') return '';
  return show(text, 400).split(/\s+/).filter(Boolean).slice(0, NAME_WORDS).join(' ');
}

function cut(name: string): string {
  const one = name.replaceAll(/\s+/g, ' ').trim();
  return one.length <= NAME_CHARS ? one : `${one.slice(0, NAME_CHARS - 1).toWellFormed()}…`;
}
