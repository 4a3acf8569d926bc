export { callerAddress, callerNetwork } from '../http/caller-network.js';
export { httpServers } from '../http/http-server.js';
export { networkOf } from '../http/network-of.js';
export { HealthController } from '../nest/health.controller.js';
export { JetStreamContext, JetStreamStrategy } from '../nest/jetstream-strategy.js';
export { NestLogger } from '../nest/nest-logger.adapter.js';
export { OnMessage } from '../nest/on-message.js';
export { provide, providedBy, token, type Token } from '../nest/provide.js';
export { PlatformModule } from '../nest/platform.module.js';
export {
  AUDIT_INTAKE,
  AUDIT_TRAIL,
  CLOCK,
  DEAD_LETTERS,
  EVENT_STORE,
  HEALTH_CHECKS,
  LOGGER,
  MESSAGE_BUS,
  NATS_LINK,
  PAYLOAD_STORE,
  PLATFORM_CHECKS,
  METRICS,
  STATE_STORES,
  TRACING,
} from '../nest/tokens.js';
export { describeTraces } from '../telemetry/otlp/traces-settings.js';
export { createLogger } from '../telemetry/pino-logger.adapter.js';
