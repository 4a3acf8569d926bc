import { z } from 'zod';
import { forkingV1 } from './forking-v1.js';
import { agentId, endStatus, failure, limits, spent, text } from './parts-v1.js';

const report = z.strictObject({
  agentId,
  status: z.string(),
  output: text.optional(),
  failure: failure.optional(),
  spent: spent.optional(),
});

/** Who said it; of a client no more than that it was one. */
const senderThat = <Is extends z.ZodType, More extends z.ZodRawShape>(is: Is, more: More) =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('client') }),
    z.strictObject({
      kind: z.literal('agent'),
      agentId,
      is,
      name: z.string().optional(),
      ...more,
    }),
  ]);

const saidBy = <Sender extends z.ZodType>(sender: Sender) =>
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('answer'),
      text,
      toolCalls: z.array(z.strictObject({ id: z.string(), name: z.string(), arguments: text })),
    }),
    z.strictObject({
      kind: z.literal('toolResult'),
      toolCallId: z.string(),
      content: text,
      isError: z.boolean(),
    }),
    z.strictObject({
      kind: z.literal('childReports'),
      toolCallId: z.string(),
      reason: z.enum(['met', 'deadline', 'message']),
      reports: z.array(report),
    }),
    z.strictObject({
      kind: z.literal('message'),
      text,
      id: z.string().optional(),
      from: sender.optional(),
    }),
  ]);

const forkingWith = <Sender extends z.ZodType>(sender: Sender) =>
  ({
    HistoryShared: z.strictObject({
      conversation: z.array(saidBy(sender)),
      children: z.array(
        z.strictObject({
          childId: agentId,
          argsHash: z.string(),
          limits,
          onParentClose: z.enum(['terminate', 'continue']),
          collected: z.boolean(),
          ended: z.strictObject({
            status: endStatus,
            spent,
            output: text.optional(),
            failure: failure.optional(),
          }),
        }),
      ),
    }),
    AgentForked: forkingV1.AgentForked.extend({
      /** Messages that the other agent had not read yet, in their order. */
      unread: z
        .array(z.strictObject({ id: z.string(), from: sender, text, interrupts: z.boolean() }))
        .optional(),
    }),
  }) as const;

/** Frozen: a new shape is a new version beside this one. */
export const forkingV2 = forkingWith(senderThat(z.enum(['parent', 'child']), {}));

/** Frozen, too: siblings tell each other something. */
export const forkingV3 = forkingWith(senderThat(z.enum(['parent', 'child', 'sibling']), {}));

const ofTree = forkingWith(
  senderThat(z.enum(['parent', 'child', 'sibling', 'tree']), {
    /** As `MessageReceived` has it. */
    sentTo: z.string().optional(),
  }),
);

/** Frozen, too: messages to a tree or a topic. */
export const forkingV4 = {
  ...ofTree,
  AgentForked: ofTree.AgentForked.extend({
    /** Which it had subscribed to. */
    topics: z.array(z.string()).optional(),
  }),
} as const;
