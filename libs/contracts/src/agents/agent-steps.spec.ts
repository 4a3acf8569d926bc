import { describe, expect, it } from '@jest/globals';
import { storedClientEvents } from '../access/client-events.js';
import { storedUserEvents } from '../access/user-events.js';
import { storedAuditEvents } from '../audit/audit-events.js';
import { storedScheduleEvents } from '../scheduling/schedule-events.js';
import { storedTenantEvents } from '../tenants/tenant-events.js';
import { agentSteps } from './agent-steps.js';
import { agentEnds } from './ends.js';
import { storedAgentEvents } from './events.js';

/** A new type of event must be put into one of the two. */
const details = [
  'AgentAdmitted',
  'AwaitEnded',
  'AwaitStarted',
  'BoardWritten',
  'ChildEnded',
  'ChildExtended',
  'ChildReserved',
  'ChildRetried',
  'ConversationCompacted',
  'HistoryShared',
  'MessageBroadcast',
  'MessageSent',
  'ModelCallSettled',
  'ModelCallStarted',
  'ModelChosen',
  'OutputRejected',
  'ProgressReported',
  'RunStarted',
  'RunYielded',
  'ToolCallInDoubt',
  'ToolCallReleased',
  'ToolCallSettled',
  'ToolCallStarted',
  'ToolInputGiven',
  'ToolInputRequired',
  'ToolTaskStarted',
  'ToolsOffered',
  'TopicLeft',
  'TopicSubscribed',
];
const milestones = [
  'AgentForked',
  'AgentParked',
  'AgentPaused',
  'AgentRefused',
  'AgentResumed',
  'AgentSpawned',
  'AgentWoken',
  'LimitsExtended',
  'MessageReceived',
  'QuestionAsked',
  'RetryStarted',
  ...Object.keys(agentEnds),
];

describe('an event of an agent', () => {
  it('is a detail of its steps or told by itself, never both', () => {
    expect([...agentSteps.details].toSorted()).toEqual(details);
    expect([...details, ...milestones].toSorted()).toEqual(storedAgentEvents.types.toSorted());
  });
});

describe('details of steps', () => {
  const others = [
    storedUserEvents,
    storedClientEvents,
    storedScheduleEvents,
    storedTenantEvents,
    storedAuditEvents,
  ];

  it('have names that no event of another family has', () => {
    const names = others.flatMap(({ types }): readonly string[] => types);
    expect(names.filter((name) => agentSteps.details.has(name))).toEqual([]);
  });

  it('have a name together that no event has', () => {
    const names = [storedAgentEvents, ...others].flatMap(({ types }): readonly string[] => types);
    expect(names).not.toContain(agentSteps.type);
  });
});
