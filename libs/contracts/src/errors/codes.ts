import type { Rejection } from '@skynet/kernel';
import { z } from 'zod';

/** Every code that a caller can see, with what to do next. The one table; pinned by a test. */
export const errorCodes = {
  AGENT_NOT_FOUND: 'Check the agentId; list_agents shows the agents you may see.',
  AGENT_ALREADY_ENDED: 'Nothing to do; get_agent_result has what the agent left.',
  AGENT_NOT_FAILED:
    'Only an agent that failed, expired, was exhausted or terminated can be retried; get_agent_status shows the state.',
  AGENT_NOT_PAUSED: 'Only a paused agent can be resumed; get_agent_status shows the state.',
  AGENT_REFUSED: 'The agent was terminated before it started; spawn a new one.',
  IDEMPOTENCY_CONFLICT:
    'This key was used with other arguments: send those again, or use a new key.',
  INVALID_ARGUMENTS: 'Correct the named arguments and call again.',
  UNKNOWN_TOOL:
    'Name a tool that is there: tools/list, and for the tools of agents "skynet tools", show them.',
  UNKNOWN_MODEL: 'Name a model that the message lists, or leave model out for the default.',
  UNKNOWN_TEMPLATE: 'Name a template of the registry, or leave template out.',
  UNKNOWN_TOOL_SERVER: 'Name a tool as server__tool with a server of the registry.',
  UNKNOWN_PRICE:
    'Add the price of the model to the registry: spending that cannot be counted is refused.',
  GRANT_TOO_WIDE: 'Ask only for tools that the parent itself has.',
  LIMIT_DEPTH:
    'This agent may have no children at that depth: do the work itself or raise limits.depth at the root.',
  LIMIT_CHILDREN: 'Too many children live at once: await some, or raise limits.children at spawn.',
  LIMIT_DESCENDANTS: 'The tree may hold no more agents: raise limits.descendants at the root.',
  LIMIT_TOKENS:
    'Not enough tokens are left to set aside: ask for fewer, or raise limits.tokens at the root.',
  LIMIT_COST:
    'Not enough money is left to set aside: ask for less, or raise limits.costMicroUsd at the root.',
  LIMIT_SECONDS:
    'A child ends before its parent: extend the agent that the message names first, or ask for fewer seconds.',
  TENANT_LIMIT:
    'A limit of the tenant is reached: send the same call again after retryAfterMs, or ask the operator to raise the limit.',
  LIMIT_CEILING:
    'Ask for no more than the ceiling that the message names, or ask the operator to raise it.',
  LIMIT_SCHEDULES:
    'Cancel a schedule that is needed no more, or ask the operator to raise the limit.',
  LIMIT_MESSAGES:
    'The agent has not read those that it has: send the same call again after its next turn.',
  LIMIT_BOARD: 'Take keys off the board that are needed no more, or write less.',
  BOARD_CONFLICT: 'Read the key again, and write with the version that it has.',
  NOT_FOR_TENANT: 'Name one that the message lists, or ask the operator to allow it.',
  DEADLINE_PASSED:
    'The time limit was over; retry it, or spawn again, with a larger limits.seconds.',
  BUDGET_EXHAUSTED:
    'The agent used up its budget; its partial result is kept. Retry it, or spawn again, with larger limits.',
  CRASH_LOOP:
    'Three runs in a row ended without a step: see the log of the worker, then spawn again.',
  MODEL_FAILED: 'The model could not answer; see the message, then retry it or spawn again.',
  TASK_FAILED: 'The agent gave up on its task; see the message.',
  OUTCOME_UNKNOWN: 'The call may or may not have happened: check its target before calling again.',
  DAMAGED_LOG:
    'What it did until there is kept, and it can not go on: spawn it again. The operator runs "skynet log doctor".',
  NEWER_LOG:
    'It goes on after the services are upgraded to the release named; then send the same call again.',
  PARENT_ENDED:
    'The parent has ended: it can have no new children, and give those that it has no more.',
  UNAUTHENTICATED: 'Send a valid bearer token.',
  FORBIDDEN: 'Your role or your token does not allow this; ask for the role or scope named.',
  SCHEDULE_NOT_FOUND: 'Check the scheduleId; list_schedules shows those of your tenant.',
  TENANT_EXISTS: 'Change its quotas with "skynet tenants set".',
  TENANT_NOT_FOUND:
    'Check the name; "skynet tenants ls" shows the tenants, "skynet tenants add" gives one its first quotas.',
  USER_EXISTS: 'Choose another name, or change the user that has it.',
  USER_NOT_FOUND: 'Check the name; skynet users list shows the users.',
  CLIENT_EXISTS: 'Choose another id: one that was used is never given away again.',
  CLIENT_NOT_FOUND: 'Check the id; skynet clients list shows the clients.',
  CLIENT_IN_FILE: 'Change it in the clients file of the auth service, which is read again at once.',
  COMMAND_EXPIRED: 'The command arrived too late and was not carried out: send it again.',
  RATE_LIMITED: 'Too many requests: wait as long as Retry-After says, then send it again.',
  OVERLOADED: 'Too much is queued: wait a few seconds, then send the same call again.',
  UNAVAILABLE: 'A service did not answer in time; send the same call again, it is not done twice.',
  INTERNAL: 'A bug on our side; the message names the trace. Do not repeat blindly.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCodes;

/** Codes after which the very same call may succeed a little later. */
export const retryableCodes: ReadonlySet<ErrorCode> = new Set([
  'TENANT_LIMIT',
  'LIMIT_MESSAGES',
  'NEWER_LOG',
  'COMMAND_EXPIRED',
  'RATE_LIMITED',
  'OVERLOADED',
  'UNAVAILABLE',
]);

/** A rejection with the next step of the table. `message` says what happened, with the ids concerned. */
export function rejection(
  code: ErrorCode,
  message: string,
  about: Pick<Rejection, 'limit' | 'retryAfterMs'> = {},
): Rejection<ErrorCode> {
  return { code, message, next: errorCodes[code], ...about };
}

export const errorCodeSchema = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);

export const rejectionSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  next: z.string(),
  limit: z.string().optional(),
  retryAfterMs: z.int().nonnegative().optional(),
});
