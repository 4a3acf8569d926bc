export {
  agentTexts,
  agentTextSchema,
  TEXT_HINT_MAX_BYTES,
  TEXT_WANTED_MS,
  textWantedSchema,
  type AgentText,
  type TextWish,
} from './agent-text.js';
export { type ClientContext } from './client-context.js';
export {
  COMMAND_VALID_MS,
  commandEnvelopeSchema,
  commandReplySchema,
  REPLY_HEADER,
  type CommandEnvelope,
  type CommandReply,
} from './command.js';
export { type EventMetadata } from './event-metadata.js';
export { agentIdOf, agentIdSchema, principalSchema, tenantSchema, type AgentId } from './ids.js';
export { INLINE_TEXT_MAX_BYTES, payloadRefSchema, type PayloadRef, type Text } from './payload.js';
export {
  StrangeStreamError,
  UnknownEventError,
  UnreadableEventError,
} from './stored-event-errors.js';
export type { StoredShape } from './stored-events.js';
export { agentIdOfStream, authLogCategories, streamNames } from './stream-names.js';
export { queries, streams, subjects } from './subjects.js';
export { treeTraces, type TreeTrace } from './tree-trace.js';
