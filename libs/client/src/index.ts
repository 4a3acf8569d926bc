export { askForToken, TokenRefused, type AccessToken } from './auth/access-token.js';
export { AdminRefused, type AdminApiOptions } from './auth/admin-api.js';
export { ClientAdmin } from './auth/client-admin.js';
export { UserAdmin } from './auth/user-admin.js';
export {
  EventReader,
  listAgents,
  readResult,
  type AgentResult,
  type ListedAgent,
  type ShownEvent,
} from './edge/agent-lists.js';
export { followTree, spawnAndWait, waitForEnd, type WaitOptions } from './edge/follow-agents.js';
export { Refused, type Connection } from './edge/connection.js';
export { SkynetClient, type CallOptions, type TraceContext } from './edge/skynet-client.js';
export { ServerError, type ServerErrorCode } from './errors/server-error.js';
