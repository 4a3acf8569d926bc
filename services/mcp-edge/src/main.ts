import { createShutdown, shutDownOnSignals } from '@skynet/platform';
import { createLogger, describeTraces, PlatformModule } from '@skynet/platform/service';
import { createMcpEdgeApplication, listen, stopListening } from './mcp-edge-application.js';
import { readMcpEdgeConfig } from './config/mcp-edge.config.js';

const SERVICE = 'mcp-edge';

const config = readMcpEdgeConfig();
const log = createLogger({ level: config.platform.logLevel, fields: { service: SERVICE } });
const shutdown = createShutdown({ log });
shutDownOnSignals(shutdown);

// The edge has no stream of its own: it reads the log through its owner.
const platform = PlatformModule.forRoot({
  service: SERVICE,
  settings: { ...config.platform, eventStore: { kind: 'memory' } },
  log,
});
const application = await createMcpEdgeApplication(config, platform, log);
shutdown.add('http', () => application.close());
await listen(application, config);
shutdown.add('socket', () => stopListening(application));
log.info('listening', {
  url: await application.getUrl(),
  traces: describeTraces(config.platform.telemetry.traces),
});
