import { randomUUID } from 'node:crypto';
import {
  agentIdOf,
  answerAgentTool,
  extendAgentTool,
  pauseAgentTool,
  rejection,
  resumeAgentTool,
  sendAgentMessageTool,
  terminateAgentTool,
  type AgentCommandData,
  type AgentCommandType,
} from '@skynet/contracts';
import { derivedId } from '@skynet/platform';
import type { CommandSender } from '../commands/command-sender.js';
import { changedAgent, type ChangedAgent } from './changed-agent.js';
import { edgeTool, no, type EdgeTool, type ToolAnswer, type ToolCall } from './edge-tool.js';

/** The tools that each send one command about one agent. */
export function controlTools(sender: CommandSender): readonly EdgeTool[] {
  async function send<Type extends AgentCommandType>(
    type: Type,
    data: AgentCommandData<Type>,
    { principal, traceparent, record }: ToolCall,
    id: string = randomUUID(),
  ): Promise<ToolAnswer<ChangedAgent>> {
    const command = { id, type, data, principal, traceparent, record };
    return changedAgent(await sender.send(command));
  }

  return [
    edgeTool(answerAgentTool, async ({ agentId, toolCallId, decision, text }, call) => {
      // Who must fill every field says nothing with a retry; with the others an empty text is an answer.
      const isSaid = decision === 'retry' ? (text ?? '') !== '' : text !== undefined;
      if ((decision === 'retry') === isSaid) {
        const message = `text: ${decision === 'retry' ? 'not used' : 'needed'} with ${decision}`;
        return no(rejection('INVALID_ARGUMENTS', message));
      }
      const answer = answerOf(decision, text ?? '');
      return send('AnswerAgent', { agentId: agentIdOf(agentId), toolCallId, answer }, call);
    }),
    edgeTool(sendAgentMessageTool, ({ agentId: sentTo, idempotencyKey, ...message }, call) => {
      const agentId = agentIdOf(sentTo);
      const { tenant, principal } = call.principal;
      const id = idempotencyKey && derivedId('message', tenant, principal, agentId, idempotencyKey);
      const { text, interrupt: interrupts = false, tree } = message;
      const data = { agentId, text, interrupts, ...(tree === true && { tree }) };
      return send('SendAgentMessage', data, call, id);
    }),
    edgeTool(extendAgentTool, ({ agentId: extended, add, idempotencyKey }, call) => {
      const agentId = agentIdOf(extended);
      const { tenant, principal } = call.principal;
      const id = idempotencyKey && derivedId('extend', tenant, principal, agentId, idempotencyKey);
      return send('ExtendAgent', { agentId, add }, call, id);
    }),
    edgeTool(pauseAgentTool, ({ agentId }, call) =>
      send('PauseAgent', { agentId: agentIdOf(agentId) }, call),
    ),
    edgeTool(resumeAgentTool, ({ agentId }, call) =>
      send('ResumeAgent', { agentId: agentIdOf(agentId) }, call),
    ),
    edgeTool(terminateAgentTool, ({ agentId, reason }, call) =>
      send(
        'TerminateAgent',
        {
          agentId: agentIdOf(agentId),
          reason: reason ?? `asked for by ${call.principal.principal}`,
        },
        call,
      ),
    ),
  ];
}

function answerOf(
  decision: 'answered' | 'retry' | 'happened' | 'failed',
  text: string,
): AgentCommandData<'AnswerAgent'>['answer'] {
  switch (decision) {
    case 'retry':
      return { decision };
    case 'answered':
    case 'happened':
      return { decision: 'happened', result: text };
    case 'failed':
      return { decision, message: text };
  }
}
