import type { AgentRow } from '@skynet/contracts';
import {
  agentSpanId,
  attributeNames as names,
  type Span,
  type SpanAttributes,
  type Tracing,
} from '@skynet/platform';
import { agentContext, inTraceOf, lifeSpanId } from '../telemetry/agent-spans.js';
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
      parent: aboveOf(life),
      spanId: agentSpanId(agentId),
      startMs: bornMs + BESIDE_MS,
      links: linksOf(life),
      attributes: {
        ...aboutOf(life, row),
        [names.operation]: 'create_agent',
      },
    });
    // Jaeger takes one without any length for damaged.
    span.end(bornMs + 1);
  }

  /** The whole life of one that has ended. `source`: a `traceparent` of the agent whose history it began with. */
  end(life: AgentLife, row: AgentRow, source?: string): void {
    const { agentId, events, hasStartSpan, leftOut } = life;
    const { name, bornMs } = life.birth;
    const from = row.forkedFrom && agentContext(source, row.forkedFrom.agentId);
    const span = this.tracing.start(`invoke_agent ${name}`, {
      parent: aboveOf(life),
      spanId: hasStartSpan ? lifeSpanId(agentId) : agentSpanId(agentId),
      startMs: bornMs,
      links: [...linksOf(life), ...(from === undefined ? [] : [from])],
      attributes: {
        ...aboutOf(life, row),
        ...outcomeOf(row),
        [names.operation]: 'invoke_agent',
        [names.eventsLeftOut]: leftOut === 0 ? undefined : leftOut,
      },
    });
    for (const event of events) span.event(event.name, event.attributes, event.atMs);
    fail(span, row);
    span.end(row.endedAtMs && Math.max(row.endedAtMs, bornMs + BESIDE_MS));
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
      parent: aboveOf(child),
      spanId: agentSpanId(agentId),
      startMs: birth.bornMs,
      links: linksOf(child),
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

/** A child's parent; for a root whatever its client said. */
function aboveOf({ birth: { above, parentId } }: Known): string | undefined {
  return parentId === undefined ? above : agentContext(above, parentId);
}

/** The call that has spawned the child. */
function linksOf({ birth: { above, parentId } }: Known): string[] {
  return parentId === undefined || agentContext(above, parentId) === above ? [] : [above];
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

function fail(span: Span, { status, failure }: AgentRow): void {
  const kind = failures[status];
  if (kind === undefined) return;
  const message = `${failure?.reason ?? status}: ${failure?.message ?? ''}`.slice(0, MESSAGE_CHARS);
  span.fail(status === 'failed' ? (failure?.reason.toLowerCase() ?? kind) : kind, message);
}
