/**
 * Names of span attributes, in one place because the conventions they follow are still being renamed: GenAI and MCP of
 * OpenTelemetry as of mid 2026 (https://github.com/open-telemetry/semantic-conventions-genai), messaging, and our own.
 */
export const attributeNames = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  agentId: 'gen_ai.agent.id',
  agentName: 'gen_ai.agent.name',
  /** The tree: the same for all of its agents. */
  conversationId: 'gen_ai.conversation.id',
  requestModel: 'gen_ai.request.model',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  systemInstructions: 'gen_ai.system_instructions',
  toolDefinitions: 'gen_ai.tool.definitions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  toolName: 'gen_ai.tool.name',
  toolCallId: 'gen_ai.tool.call.id',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
  toolType: 'gen_ai.tool.type',
  mcpMethod: 'mcp.method.name',
  mcpProtocolVersion: 'mcp.protocol.version',
  jsonRpcRequestId: 'jsonrpc.request.id',
  /** `tcp`, or `pipe` for what talks over the standard streams of a process. */
  networkTransport: 'network.transport',
  networkProtocol: 'network.protocol.name',
  networkProtocolVersion: 'network.protocol.version',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  clientAddress: 'client.address',
  messagingSystem: 'messaging.system',
  messagingDestination: 'messaging.destination.name',
  messagingOperation: 'messaging.operation.type',
  /** Of an agent: what it is made after. */
  template: 'skynet.agent.template',
  reason: 'skynet.agent.reason',
  descendants: 'skynet.agent.descendants',
  /** Of a call that has spawned an agent. */
  childId: 'skynet.child.agent_id',
  parentId: 'skynet.agent.parent_id',
  rootId: 'skynet.agent.root_id',
  depth: 'skynet.agent.depth',
  status: 'skynet.agent.status',
  tenant: 'skynet.tenant',
  /** Who asked. */
  principal: 'skynet.principal',
  epoch: 'skynet.run.epoch',
  workerId: 'skynet.worker.id',
  /** What an agent waited for, and what ended that. */
  waitKind: 'skynet.wait.kind',
  waitAgents: 'skynet.wait.agent_ids',
  waitCalls: 'skynet.wait.tool_call_ids',
  waitUntil: 'skynet.wait.until',
  waitEnd: 'skynet.wait.ended_by',
  /** Parts of a client's context that tool servers will not be told, each with the reason. */
  contextLeftOut: 'skynet.context.left_out',
  /** Of a call that asks for a summary of its conversation: tokens of the window that it has to fit. */
  summaryFor: 'skynet.conversation.window_tokens',
  /** How a conversation became smaller: `results` were left out of it, or a `summary` took the place of its beginning. */
  compacted: 'skynet.conversation.compacted_to',
  /** Events of a span that were too many for it. */
  eventsLeftOut: 'skynet.events.left_out',
  /** What a tool said was no success, as its model is told. */
  toolIsError: 'skynet.tool.is_error',
  toolFromCache: 'skynet.tool.from_cache',
  /** It was cut off by the end, the deadline or the pause of its agent: nothing failed. */
  cancelled: 'skynet.cancelled',
  waitedMs: 'skynet.queue.waited_ms',
  /** How long a model call waited for its turn at the provider, and why. */
  turnWaitedMs: 'skynet.provider.waited_ms',
  turnReason: 'skynet.provider.wait_reason',
  costMicroUsd: 'skynet.cost_micro_usd',
  /** Revision of the agent's stream once the outcome is in it. */
  revision: 'skynet.event.revision',
  attempt: 'skynet.attempt',
} as const;
