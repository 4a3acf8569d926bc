import type { AgentCommandOf, RunContext } from '@skynet/domain-agents';
import type { AnyAgentRequest } from '../../owner/agents.js';

type RunCommand =
  | 'ContinueRun'
  | 'RecordModelOutcome'
  | 'RecordToolOutcome'
  | 'ReportToolProgress'
  | 'RecordToolTask'
  | 'WithdrawQuestion'
  | 'AskDuringCall';

/** A command of a run on its own agent, before the run adds what it knows. */
export type RunRequest = {
  [Type in RunCommand]: {
    readonly id: string;
    readonly type: Type;
    readonly data: Omit<AgentCommandOf<Type>['data'], 'context'>;
  };
}[RunCommand];

export function inContext(request: RunRequest, context: RunContext): AnyAgentRequest {
  switch (request.type) {
    case 'ContinueRun':
      return { ...request, data: { ...request.data, context } };
    case 'RecordModelOutcome':
      return { ...request, data: { ...request.data, context } };
    case 'RecordToolOutcome':
      return { ...request, data: { ...request.data, context } };
    case 'ReportToolProgress':
    case 'RecordToolTask':
    case 'WithdrawQuestion':
    case 'AskDuringCall':
      return request;
  }
}
