import {
  asMeant,
  hasRole,
  rejection,
  scopeOfTool,
  scopesOf,
  type ErrorCode,
  type Principal,
  type TextWish,
  type ToolContract,
} from '@skynet/contracts';
import type { Refused, Rejection } from '@skynet/kernel';
import type { z } from 'zod';
import type { CallContext } from '../wire/call-context.js';
import type { CallRecord } from '../recording/call-record.js';
import type { Caller } from '../recording/caller.js';
import type { Progress } from '../views/call-wait.js';
import { excessOfValue, type MessageBounds } from '../wire/message-bounds.js';

/** Who calls, and what becomes of the call while it runs. */
export interface ToolCall extends Caller {
  readonly traceparent: string | undefined;
  /** Of the message it came with, without the arguments: the same when that is sent again. */
  readonly mark: string;
  readonly record: Pick<CallRecord, 'admitted' | 'sending'>;
  readonly context: Pick<CallContext, 'read' | 'tell'>;
  /** Of the arguments: what came as text was not counted when the message was. */
  readonly bounds: MessageBounds;
  /** Aborts when the caller has gone or this process ends. */
  readonly signal: AbortSignal;
  /** Absent when the caller does not listen. */
  readonly report: ((progress: Progress) => Promise<void>) | undefined;
  /** What of text that is being written the caller wishes to hear. */
  readonly text: TextWish;
}

export type ToolAnswer<Output> = { readonly output: Output } | Refused<ErrorCode>;

export interface EdgeTool {
  /** Of those who have its role: whether it is for them. */
  isFor(principal: Principal): boolean;
  readonly contract: ToolContract<z.ZodType, z.ZodType>;
  readonly call: (input: unknown, call: ToolCall) => Promise<ToolAnswer<object>>;
}

const MAX_ISSUES = 10;

/** Binds a contract to what carries it out. Arguments are parsed here, once; a call that may not be made goes no further. */
export function edgeTool<Input extends z.ZodType, Output extends z.ZodType<object>>(
  contract: ToolContract<Input, Output>,
  carryOut: (input: z.output<Input>, call: ToolCall) => Promise<ToolAnswer<z.output<Output>>>,
  isFor: EdgeTool['isFor'] = () => true,
): EdgeTool {
  return {
    contract,
    isFor,
    async call(input, call) {
      const { name, role } = contract;
      if (!hasRole(call.principal, role)) {
        return no(rejection('FORBIDDEN', `${name} needs the role ${role}`));
      }
      if (!isFor(call.principal)) {
        return no(rejection('FORBIDDEN', `${name} is for those who run the deployment`));
      }
      const scope = scopeOfTool(contract);
      if (!scopesOf(call.principal).includes(scope)) {
        return no(rejection('FORBIDDEN', `${name} needs a token with the scope ${scope}`));
      }
      const meant = asMeant(contract.input, input);
      const excess = excessOfValue(meant, call.bounds);
      if (excess !== undefined) return no(rejection('INVALID_ARGUMENTS', `arguments: ${excess}`));
      const parsed = contract.input.safeParse(meant);
      if (!parsed.success) return no(invalidArguments(parsed.error));
      call.record.admitted();
      return carryOut(parsed.data, call);
    },
  };
}

export function yes<Output>(output: Output): ToolAnswer<Output> {
  return { output };
}

export function no(reason: Rejection<ErrorCode>): Refused<ErrorCode> {
  return { refused: reason };
}

export function agentNotFound(agentId: string): Refused<ErrorCode> {
  return no(rejection('AGENT_NOT_FOUND', `there is no agent ${agentId}`));
}

function invalidArguments(error: z.ZodError): Rejection<ErrorCode> {
  const issues = error.issues.slice(0, MAX_ISSUES).map(({ path, message }) => {
    const where = path.length === 0 ? 'arguments' : path.join('.');
    return `${where}: ${message}`;
  });
  return rejection('INVALID_ARGUMENTS', issues.join('; '));
}
