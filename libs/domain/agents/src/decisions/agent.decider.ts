import { isRefused, unreachable, type Decider, type Decision } from '@skynet/kernel';
import type { AgentCommand } from '../agent/agent-command.js';
import { absentAgent, type AgentState } from '../agent/agent-state.js';
import { writeBoard } from '../board/write-board.js';
import { extend, extendChild, takeExtension } from '../extending/extending.js';
import { expire, refuse, terminate } from './ending.js';
import { fork } from './forking.js';
import { broadcast, receiveMessage } from './messages.js';
import { recordModelOutcome } from './model-outcome.js';
import {
  admit,
  askDuringCall,
  beginRun,
  continueRun,
  recordToolOutcome,
  recordToolTask,
  reportToolProgress,
  startRun,
  withdrawQuestion,
} from './running.js';
import { reserveForClient, retryForClient, spawn } from './spawning.js';
import { answer, endAwait, pause, recordChildEnded, resume, wake } from './waiting.js';
import type { Rules } from './draft.js';
import type { Sha256 } from '../evolution/conversing.js';
import { evolveAgent, type CausedEvent } from '../evolution/evolve.js';

export type AgentDecider = Decider<AgentCommand, CausedEvent, AgentState>;

/** The rules of one agent. `sha256` must be the real one wherever request hashes are compared. */
export function agentDecider(sha256: Sha256): AgentDecider {
  const rules: Rules = { evolve: evolveAgent(sha256), sha256 };
  return {
    initialState: absentAgent,
    decide: (command, state) => caused(command.id, decide(command, state, rules)),
    evolve: rules.evolve,
  };
}

function caused(causationId: string, decision: ReturnType<typeof decide>): Decision<CausedEvent> {
  if (isRefused(decision)) return decision;
  return { events: decision.events.map((event) => ({ ...event, causationId })) };
}

function decide(command: AgentCommand, state: AgentState, rules: Rules): Decision<CausedEvent> {
  switch (command.type) {
    case 'SpawnAgent':
      return spawn(command, state);
    case 'ForkAgent':
      return fork(command, state);
    case 'ReserveChild':
      return reserveForClient(command, state, rules);
    case 'AdmitAgent':
      return admit(command, state);
    case 'BeginRun':
      return beginRun(command, state, rules);
    case 'StartRun':
      return startRun(command, state, rules);
    case 'ContinueRun':
      return continueRun(command, state, rules);
    case 'RecordModelOutcome':
      return recordModelOutcome(command, state, rules);
    case 'RecordToolOutcome':
      return recordToolOutcome(command, state, rules);
    case 'AskDuringCall':
      return askDuringCall(command, state, rules);
    case 'WithdrawQuestion':
      return withdrawQuestion(command, state);
    case 'RecordToolTask':
      return recordToolTask(command, state);
    case 'ReportToolProgress':
      return reportToolProgress(command, state);
    case 'RecordChildEnded':
      return recordChildEnded(command, state, rules);
    case 'EndAwait':
      return endAwait(command, state, rules);
    case 'WakeAgent':
      return wake(command, state);
    default:
      return decideFromOutside(command, state, rules);
  }
}

type OutsideCommand = Extract<
  AgentCommand,
  {
    readonly type:
      | 'RetryChild'
      | 'SendAgentMessage'
      | 'BroadcastMessage'
      | 'WriteBoard'
      | 'ExtendAgent'
      | 'ExtendChild'
      | 'TakeExtension'
      | 'PauseAgent'
      | 'ResumeAgent'
      | 'AnswerAgent'
      | 'TerminateAgent'
      | 'ExpireAgent'
      | 'RefuseAgent';
  }
>;

function decideFromOutside(
  command: OutsideCommand,
  state: AgentState,
  rules: Rules,
): Decision<CausedEvent> {
  switch (command.type) {
    case 'RetryChild':
      return retryForClient(command, state, rules);
    case 'SendAgentMessage':
      return receiveMessage(command, state, rules);
    case 'BroadcastMessage':
      return broadcast(command, state, rules);
    case 'WriteBoard':
      return writeBoard(command, state);
    case 'ExtendAgent':
      return extend(command, state);
    case 'ExtendChild':
      return extendChild(command, state);
    case 'TakeExtension':
      return takeExtension(command, state);
    case 'PauseAgent':
      return pause(command, state);
    case 'ResumeAgent':
      return resume(command, state);
    case 'AnswerAgent':
      return answer(command, state, rules);
    case 'TerminateAgent':
      return terminate(command, state);
    case 'ExpireAgent':
      return expire(command, state);
    case 'RefuseAgent':
      return refuse(command, state);
    default:
      return unreachable(command);
  }
}
