import type { ServerEntry } from '../registry/registry.config.js';

/** A server over HTTP. */
export type RemoteEntry = Exclude<ServerEntry, { transport: 'stdio' }>;
