import { z } from 'zod';
import { agentId, limits, principal, text } from './parts-v1.js';

const more = z.int().positive().max(Number.MAX_SAFE_INTEGER);

const add = z.strictObject({
  tokens: more.optional(),
  costMicroUsd: more.optional(),
  seconds: more.optional(),
  descendants: more.optional(),
});

/** Frozen: a new shape is a new version beside this one. */
export const steeringV1 = {
  /** The agent has something told to its parent, to children or to siblings; each of them receives it as a message of its own. */
  MessageSent: z.strictObject({
    messageId: z.string(),
    toolCallId: z.string(),
    to: z.array(agentId),
    text,
    interrupts: z.boolean(),
  }),
  /** Said to the agent, which reads it before its next model call. */
  MessageReceived: z.strictObject({
    messageId: z.string(),
    from: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('client'), principal }),
      /** Its parent, a child or a sibling of it, and what people call that one. */
      z.strictObject({ kind: z.literal('agent'), agentId, name: z.string().optional() }),
    ]),
    text,
    /** It is not to wait: waits for children and the model call under way end for it. */
    interrupts: z.boolean(),
  }),
  /** In the stream of a root: an agent of its tree has written on the board that they share. */
  BoardWritten: z.strictObject({
    key: z.string(),
    /** Number of this write among all of the board: no key ever has the same one twice. */
    version: z.int().positive(),
    /** Absent: the key is taken off the board. */
    value: text.optional(),
    by: agentId,
    /** The call of that agent which wrote it. */
    toolCallId: z.string(),
  }),
  /** People are asked. The first answer settles the call, or the end of the time does. */
  QuestionAsked: z.strictObject({
    toolCallId: z.string(),
    question: z.string(),
    /** The answer is one of them. Default: whatever people say. */
    choices: z.array(z.string()).optional(),
    deadlineMs: z.int().nonnegative().optional(),
  }),
  /** The agent has these limits from here on; what was asked for, and who asked. */
  LimitsExtended: z.strictObject({ add, limits, by: principal }),
  /** So much is set aside for the child from here on, which is told of it. */
  ChildExtended: z.strictObject({ childId: agentId, add, limits, by: principal }),
  /** The agent takes the place of one that has ended, whose history it shares. */
  RetryStarted: z.strictObject({ retryOf: agentId }),
  /** The child that was reserved just before takes the place of one that has ended. */
  ChildRetried: z.strictObject({
    childId: agentId,
    /** `revision` is the first event that is not shared. */
    from: z.strictObject({ agentId, revision: z.int().positive() }),
    /** Said to the new child as soon as no call is open. */
    message: text.optional(),
  }),
} as const;

/** Frozen, too: what is sent to a tree or to a topic in it. */
export const steeringV2 = {
  MessageSent: steeringV1.MessageSent.extend({
    /** `tree` or `topic:` and its name, where it was sent to that. */
    sentTo: z.string().optional(),
    /** Subscribers that get nothing, for they have ended. */
    ended: z.array(agentId).optional(),
  }),
  MessageReceived: steeringV1.MessageReceived.extend({
    from: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('client'), principal }),
      /** An agent of its tree, and what people call that one. */
      z.strictObject({
        kind: z.literal('agent'),
        agentId,
        name: z.string().optional(),
        /** As the sender has it. Default: to this agent, by a parent, child or sibling. */
        sentTo: z.string().optional(),
      }),
    ]),
  }),
  /** The agent is told what is sent to the topic from here on. */
  TopicSubscribed: z.strictObject({ toolCallId: z.string(), topic: z.string() }),
  /** The agent is not told any more what is sent to the topic. */
  TopicLeft: z.strictObject({ toolCallId: z.string(), topic: z.string() }),
  /** In the stream of a root: a client tells all agents of its tree something; the root has it by an event of its own. */
  MessageBroadcast: z.strictObject({
    messageId: z.string(),
    to: z.array(agentId),
    text,
    interrupts: z.boolean(),
    principal,
  }),
} as const;
