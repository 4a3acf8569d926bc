import { agentEnds } from './ends.js';
import { storedAgentEvents, type AgentEventType } from './events.js';

/** What people and programs look for by its type, besides the ends. */
const milestones = [
  'AgentSpawned',
  'AgentRefused',
  'AgentForked',
  'RetryStarted',
  'AgentParked',
  'AgentWoken',
  'AgentPaused',
  'AgentResumed',
  'MessageReceived',
  'QuestionAsked',
  'LimitsExtended',
] as const satisfies readonly AgentEventType[];

const byThemselves = new Set<string>([...milestones, ...Object.keys(agentEnds)]);

/**
 * Types of events that say how an agent goes through its steps and that nobody reads by themselves, and the name of several
 * of them together. A store for which each event has a price may keep neighbours of one commit as one.
 */
export const agentSteps: { readonly type: string; readonly details: ReadonlySet<string> } = {
  type: 'AgentSteps',
  details: new Set<string>(storedAgentEvents.types.filter((type) => !byThemselves.has(type))),
};
