import { agentSpanId, derivedSpanId, tracePlaceOf, type TraceContext } from '@skynet/platform';

/*
 * Ids of spans derive from what they stand for, so that each process can name those of others: a run links to the run
 * before it, children hang below their parents, and what a lost worker had not sent is made good for by who reads the log.
 */

/** The whole life of an agent whose span had to be there before it was over. */
export function lifeSpanId(agentId: string): string {
  return derivedSpanId(agentId, 'life');
}

/** Why an agent ended that did not end well. */
export function endSpanId(agentId: string): string {
  return derivedSpanId(agentId, 'end');
}

/** `epoch`: count of the agent's runs. */
export function runSpanId(agentId: string, epoch: number): string {
  return derivedSpanId(agentId, String(epoch));
}

export function chatSpanId(agentId: string, callId: string): string {
  return derivedSpanId(agentId, 'chat', callId);
}

/** What the span of a model call is named; `summaryFor`: of one for a summary of the conversation. */
export function chatName(model: string, summaryFor: number | undefined): string {
  return summaryFor === undefined ? `chat ${model}` : `chat ${model} (summary)`;
}

export function toolSpanId(agentId: string, toolCallId: string, attempt: number): string {
  return derivedSpanId(agentId, 'tool', toolCallId, String(attempt));
}

/** A time between two events of the agent, the first of which has this revision. */
export function stretchSpanId(agentId: string, revision: number): string {
  return derivedSpanId(agentId, 'since', String(revision));
}

/** A span in the same trace as that place, or as that `traceparent`; undefined when nothing is traced. */
export function inTraceOf(
  place: string | TraceContext | undefined,
  spanId: string,
): TraceContext | undefined {
  const trace = tracePlaceOf(place);
  return trace === undefined ? undefined : { ...trace, spanId };
}

/** As `inTraceOf`, of the agent's span. */
export function agentContext(
  place: string | TraceContext | undefined,
  agentId: string,
): TraceContext | undefined {
  return place === undefined ? undefined : inTraceOf(place, agentSpanId(agentId));
}
