import type { AgentSpec } from '@skynet/contracts';
import { attributeNames as names, type SpanAttributes } from '@skynet/platform';

interface KnownAgent {
  readonly agentId: string;
  readonly rootId: string;
  readonly parentId?: string;
  readonly depth: number;
  readonly tenant: string;
  readonly spec: Pick<AgentSpec, 'template' | 'model'>;
}

/** What every span of an agent says about it. */
export function agentAttributes(agent: KnownAgent): SpanAttributes {
  return {
    [names.agentId]: agent.agentId,
    [names.agentName]: agentNameOf(agent),
    [names.conversationId]: agent.rootId,
    [names.rootId]: agent.rootId,
    [names.parentId]: agent.parentId,
    [names.depth]: agent.depth,
    [names.tenant]: agent.tenant,
    [names.requestModel]: agent.spec.model.id,
  };
}

export function agentNameOf({ spec }: Pick<KnownAgent, 'spec'>): string {
  return spec.template ?? 'agent';
}
