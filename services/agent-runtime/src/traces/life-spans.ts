import type { AgentRow } from '@skynet/contracts';
import {
  agentSpanId,
  attributeNames as names,
  type SpanAttributes,
  type SpanOptions,
  type Tracing,
} from '@skynet/platform';
import { agentContext, endSpanId, inTraceOf, lifeSpanId } from '../telemetry/agent-spans.js';
import type { AgentLife } from './agent-life.js';
import type { ReservedChild } from './reserved-children.js';
import type { Stretch } from './stretch.js';

/** Ends of agents that count as failures, with the kind of each where the failure does not say more. */
const failures: Readonly<Record<string, string | undefined>> = {
  failed: 'agent_failed',
  expired: 'deadline',
  exhausted: 'budget',
};
const MESSAGE_CHARS = 500;
const REASON_CHARS = 40;
/** Spans are shown in the order of their starts: the start of an agent right behind its life. */
const BESIDE_MS = 0.001;

type Known = Pick<AgentLife, 'agentId' | 'birth'>;

/** Sends the spans of agents. */
export class LifeSpans {
  constructor(private readonly tracing: Tracing) {}

  /** Of an agent that lives on: what it does goes on from here. */
  start(life: AgentLife, row: AgentRow | undefined): void {
    const { agentId } = life;
    const { name, bornMs } = life.birth;
    const span = this.tracing.start(`create_agent ${name}`, {
      ...placeOf(life),
      spanId: agentSpanId(agentId),
      startMs: bornMs + BESIDE_MS,
      attributes: aboutOf(life, row),
    });
    span.set({ [names.operation]: 'create_agent' });
    // Jaeger takes one without any length for damaged.
    span.end(bornMs + 1);
  }

  /** The whole life of one that has ended. `source`: a `traceparent` of the agent whose history it began with. */
  end(life: AgentLife, row: AgentRow, source?: string): void {
    const { agentId, events, hasStartSpan, leftOut } = life;
    const { name, bornMs } = life.birth;
    const { parent, links = [] } = placeOf(life);
    const from = row.forkedFrom && agentContext(source, row.forkedFrom.agentId);
    const spanId = hasStartSpan ? lifeSpanId(agentId) : agentSpanId(agentId);
    const span = this.tracing.start(`invoke_agent ${name}`, {
      ...{ parent, spanId, startMs: bornMs },
      links: from === undefined ? links : [...links, from],
      attributes: aboutOf(life, row),
    });
    span.set(outcomeOf(row));
    span.set({
      [names.operation]: 'invoke_agent',
      [names.eventsLeftOut]: leftOut === 0 ? undefined : leftOut,
    });
    for (const event of events) span.event(event.name, event.attributes, event.atMs);
    const error = failureOf(row);
    if (error !== undefined) span.fail(error.type, error.message);
    const endMs = row.endedAtMs && Math.max(row.endedAtMs, bornMs + BESIDE_MS);
    span.end(endMs);
    if (error !== undefined) this.sendReason(life, row, { error, endMs, below: spanId });
  }

  /** Why it failed, almost without length: names are what people read first. */
  private sendReason(
    life: AgentLife,
    { failure, status }: AgentRow,
    {
      endMs = 0,
      ...rest
    }: Pick<Stretch, 'below' | 'error'> & { readonly endMs: number | undefined },
  ): void {
    const why = status === 'failed' ? failure?.reason.slice(0, REASON_CHARS) : life.usedUp;
    this.send(life, {
      ...rest,
      name: why === undefined ? status : `${status} ${why}`,
      spanId: endSpanId(life.agentId),
      startMs: endMs - BESIDE_MS,
      endMs,
      attributes: { [names.reason]: failure?.reason },
    });
  }

  /** A child that was reserved and never began. */
  refused(
    child: ReservedChild,
    parent: AgentRow | undefined,
    { reason, atMs }: { readonly reason: string; readonly atMs: number },
  ): void {
    const { agentId, birth, reserved } = child;
    const { depth, spec } = reserved;
    const span = this.tracing.start(`invoke_agent ${birth.name}`, {
      ...placeOf(child),
      spanId: agentSpanId(agentId),
      startMs: birth.bornMs,
      attributes: {
        ...aboutOf(child, parent),
        [names.operation]: 'invoke_agent',
        [names.depth]: depth,
        [names.requestModel]: spec.model.id,
        [names.template]: spec.template,
        [names.reason]: reason,
      },
    });
    span.fail('refused', `it never began: ${reason}`.slice(0, MESSAGE_CHARS));
    span.end(atMs);
  }

  send({ agentId, birth: { above } }: AgentLife, stretch: Stretch): void {
    const { agents = [], attributes, below, endMs, error, name, spanId, startMs } = stretch;
    const span = this.tracing.start(name, {
      parent: inTraceOf(above, below ?? agentSpanId(agentId)),
      spanId,
      startMs,
      links: agents.flatMap((id) => agentContext(above, id) ?? []),
      attributes: { [names.agentId]: agentId, ...attributes },
    });
    if (error !== undefined) span.fail(error.type, error.message);
    span.end(endMs);
  }
}

function aboutOf({ agentId, birth }: Known, row: AgentRow | undefined): SpanAttributes {
  const { name, parentId } = birth;
  return {
    [names.agentId]: agentId,
    [names.agentName]: name,
    [names.parentId]: parentId,
    [names.rootId]: row?.rootId,
    [names.conversationId]: row?.rootId,
    [names.depth]: row?.depth,
    [names.tenant]: row?.tenant,
    [names.principal]: row?.principal,
    [names.requestModel]: row?.model,
    [names.template]: row?.template,
  };
}

/** Below the child's parent and linked to the call that has spawned it; a root below whatever its client said. */
function placeOf({ birth: { above, parentId } }: Known): Pick<SpanOptions, 'parent' | 'links'> {
  if (parentId === undefined) return { parent: above };
  const parent = agentContext(above, parentId);
  return parent?.spanId === above.spanId ? { parent } : { parent, links: [above] };
}

/** With what its children have used. */
function outcomeOf({ status, spent, failure, revision }: AgentRow): SpanAttributes {
  return {
    [names.status]: status,
    [names.reason]: failure?.reason,
    [names.inputTokens]: spent.inputTokens,
    [names.outputTokens]: spent.outputTokens,
    [names.costMicroUsd]: spent.costMicroUsd,
    [names.descendants]: spent.descendants,
    [names.revision]: revision,
  };
}

function failureOf({ status, failure }: AgentRow): Stretch['error'] {
  const kind = failures[status];
  if (kind === undefined) return undefined;
  const message = `${failure?.reason ?? status}: ${failure?.message ?? ''}`.slice(0, MESSAGE_CHARS);
  return { type: status === 'failed' ? (failure?.reason.toLowerCase() ?? kind) : kind, message };
}
