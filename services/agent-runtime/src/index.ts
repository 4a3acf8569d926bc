export { AgentRuntime } from './agent-runtime.js';
export {
  ModelError,
  type FoundModel,
  type ModelAnswer,
  type ModelProvider,
  type ModelRequest,
} from './models/model.port.js';
export type { Registry } from './registry/registry.config.js';
export type { RegistrySource } from './registry/registry-source.js';
export { PinBook } from './tools/pins/pin-book.js';
export { ToolBox } from './tools/tool-box.js';
export type {
  ToolCallRequest,
  ToolList,
  ToolResult,
  ToolServer,
  ToolServerState,
} from './tools/tool-server.port.js';
