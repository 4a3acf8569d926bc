import { isEnd, type AgentId, type AgentRow } from '@skynet/contracts';

type Rows = ReadonlyMap<AgentId, AgentRow>;

/** What a person can do about an agent that did not complete. */
export function adviceOn(row: AgentRow, rows: Rows): string[] {
  const { agentId, failure, status } = row;
  const advice = (own[failure?.reason ?? status] ?? unknown)(row, rows);
  return [...advice, `get_agent_events of ${agentId} shows what it did.`];
}

const again = ({ agentId }: AgentRow) =>
  `retry_agent of ${agentId} goes on from its last good step, fork_agent from any of its events.`;

const retryWith = ({ agentId }: AgentRow, limits: string) =>
  `retry_agent of ${agentId} with more ${limits} goes on from its last good step.`;

const unknown = (row: AgentRow) => [again(row)];

const own: Readonly<Record<string, (row: AgentRow, rows: Rows) => string[]>> = {
  MODEL_FAILED: (row) => {
    const { model, failure } = row;
    return failure?.retryable === true
      ? [`Its model ${model} may answer later: ${again(row)}`, 'Another model can be named there.']
      : [
          `Its model ${model} does not take the request as it is: ${again(row)} Name another model there.`,
        ];
  },
  OUTPUT_INVALID: (row) => [
    `Its last answer is its partial result. A stronger model than ${row.model}, or a simpler outputSchema, may do: ${again(row)}`,
  ],
  CONTEXT_FULL: ({ model }) => [
    `Give it less at once, or a model with a larger window than ${model}: contextTokens of the registry says what a model holds.`,
  ],
  CRASH_LOOP: () => [
    'Workers died three times while they ran it: look into the log of agent-runtime before you start it again.',
  ],
  DEADLINE_PASSED: (row, rows) => [
    ...slowest(row, rows),
    `It had until ${new Date(row.limits.deadlineMs).toISOString()}: ${retryWith(row, 'limits.seconds')}`,
  ],
  BUDGET_EXHAUSTED: (row, rows) => [
    ...dearest(row, rows),
    `It had ${row.limits.tokens} tokens and ${row.limits.costMicroUsd} millionths of a dollar: ${retryWith(row, 'limits.tokens or limits.costMicroUsd')}`,
  ],
  TENANT_LIMIT: () => [
    'get_usage shows the limits of the tenant; an administrator can change them.',
  ],
  DAMAGED_LOG: () => ['Its log can not be read: skynet log check says where.'],
  TERMINATED: (row) => ['Somebody ended it: the reason above is what they said.', again(row)],
};

function slowest({ childIds }: AgentRow, rows: Rows): string[] {
  const open = childIds
    .map((id) => rows.get(id))
    .filter((child) => child !== undefined && child.status !== 'completed');
  const [first] = open;
  if (first === undefined) return [];
  const state = isEnd(first.status) ? 'had not completed' : `is ${first.status}`;
  return [`${first.agentId} below it ${state} by then: ${first.task}`];
}

function dearest({ childIds, spent }: AgentRow, rows: Rows): string[] {
  const dear = childIds
    .map((id) => rows.get(id))
    .filter((child) => child !== undefined)
    .toSorted((one, other) => tokens(other) - tokens(one))[0];
  if (dear === undefined) return [];
  const all = spent.inputTokens + spent.outputTokens;
  return [`Of ${all} tokens ${tokens(dear)} went to ${dear.agentId}: ${dear.task}`];
}

function tokens({ spent }: AgentRow): number {
  return spent.inputTokens + spent.outputTokens;
}
