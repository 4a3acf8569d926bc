import { createLogger, createShutdown, shutDownOnSignals, systemClock } from '@skynet/platform';
import { createAuthApplication } from './auth-application.js';
import { readAuthConfig } from './auth.config.js';

const config = readAuthConfig();
const log = createLogger({ level: config.logLevel, fields: { service: 'auth' } });
const shutdown = createShutdown({ log });
shutDownOnSignals(shutdown);

const application = await createAuthApplication(config, log, systemClock);
shutdown.add('http', () => application.close());
await application.listen(config.port, config.host);
log.info('listening', { url: await application.getUrl() });
