import { createShutdown, shutDownOnSignals } from '@skynet/platform';
import { createLogger, describeTraces, PlatformModule } from '@skynet/platform/service';
import { createSchedulerApplication } from './scheduler-application.js';
import { readSchedulerConfig } from './scheduler.config.js';
import { Scheduler } from './scheduler.js';

const SERVICE = 'scheduler';

const config = readSchedulerConfig();
const log = createLogger({ level: config.platform.logLevel, fields: { service: SERVICE } });
const shutdown = createShutdown({ log });
shutDownOnSignals(shutdown);

function fatal(error: unknown): void {
  log.error('this process can not go on', { error });
  process.exit(1);
}

const platform = PlatformModule.forRoot({ service: SERVICE, settings: config.platform, log });
const application = await createSchedulerApplication(config, platform, { log, fatal });
shutdown.add('application', () => application.close());
const scheduler = application.get(Scheduler);
// Alive from now on, and ready once the log is read.
await application.listen(config.port, config.host);
log.info('listening', {
  url: await application.getUrl(),
  traces: describeTraces(config.platform.telemetry.traces),
});
await scheduler.start();
shutdown.add('scheduler', () => scheduler.stop());
