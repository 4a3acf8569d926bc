export { HostedServer, type HostConnector } from './client/hosted-server.js';
export { OwnToolHost } from './client/own-tool-host.js';
export { RemoteToolHost } from './client/remote-tool-host.js';
export { type Started } from './protocol/frames.js';
export { parseHostAddress, type HostAddress } from './protocol/host-address.js';
export { sandboxModes, type LaunchRequest } from './protocol/launch-request.js';
export { startToolHost } from './start-tool-host.js';
