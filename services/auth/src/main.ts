import { createShutdown, shutDownOnSignals } from '@skynet/platform';
import { createLogger, describeTraces, PlatformModule } from '@skynet/platform/service';
import { createAuthApplication } from './auth-application.js';
import { readAuthConfig } from './config/auth.config.js';

const SERVICE = 'auth';

const config = readAuthConfig();
const log = createLogger({ level: config.platform.logLevel, fields: { service: SERVICE } });
const shutdown = createShutdown({ log });
shutDownOnSignals(shutdown);

function onBug(error: unknown): void {
  log.error('this process can not go on', { error });
  process.exit(1);
}

const platform = PlatformModule.forRoot({
  service: SERVICE,
  settings: config.platform,
  log,
  eventLog: 'auth',
});
const application = await createAuthApplication(config, platform, { log, onBug });
shutdown.add('http', () => application.close());
await application.listen(config.port, config.host);
log.info('listening', {
  url: await application.getUrl(),
  traces: describeTraces(config.platform.telemetry.traces),
});
