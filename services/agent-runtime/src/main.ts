import { createShutdown, shutDownOnSignals } from '@skynet/platform';
import { createLogger, describeTraces, PlatformModule } from '@skynet/platform/service';
import { createAgentRuntimeApplication } from './agent-runtime-application.js';
import { readAgentRuntimeConfig } from './config/agent-runtime.config.js';
import { AgentRuntime } from './agent-runtime.js';
import { KnownSecrets } from './secrets/known-secrets.js';

const SERVICE = 'agent-runtime';

const config = readAgentRuntimeConfig();
const secrets = new KnownSecrets();
const log = createLogger({
  level: config.platform.logLevel,
  fields: { service: SERVICE },
  mask: (line) => secrets.cut(line),
});
const shutdown = createShutdown({ log });
shutDownOnSignals(shutdown);

function fatal(error: unknown): void {
  log.error('this process can not go on', { error });
  process.exit(1);
}

const platform = PlatformModule.forRoot({
  service: SERVICE,
  settings: config.platform,
  log,
  showText: (text, chars) => secrets.cutStart(text, chars),
});
const application = await createAgentRuntimeApplication(config, platform, { log, fatal, secrets });
shutdown.add('application', () => application.close());
const runtime = application.get(AgentRuntime);
// Alive from now on, and ready once the log is read.
await application.listen(config.port, config.host);
log.info('listening', {
  url: await application.getUrl(),
  traces: describeTraces(config.platform.telemetry.traces),
});
await runtime.start();
shutdown.add('runtime', () => runtime.stop());
await application.startAllMicroservices();
