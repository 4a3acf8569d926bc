import type { AuditIntake } from '../audit/audit-intake.port.js';
import type { AuditTrail } from '../audit/audit-trail.port.js';
import type { EventStore } from '../event-store/event-store.port.js';
import type { HealthCheck } from '../health/health-check.js';
import type { DeadLetters } from '../messaging/jetstream/dead-letters.js';
import type { MessageBus } from '../messaging/message-bus.port.js';
import type { LeanPublisher } from '../messaging/nats/lean-publisher.js';
import type { NatsLink } from '../messaging/nats/nats-link.js';
import type { PayloadStore } from '../payloads/payload-store.port.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { StateStores } from '../state/state-store.port.js';
import type { Metrics } from '../telemetry/metrics.port.js';
import type { Tracing } from '../telemetry/tracing.port.js';
import { token } from './provide.js';

/** Tokens under which PlatformModule provides the ports. */
export const CLOCK = token<Clock>('CLOCK');
export const LOGGER = token<Logger>('LOGGER');
export const EVENT_STORE = token<EventStore>('EVENT_STORE');
export const STATE_STORES = token<StateStores>('STATE_STORES');
export const PAYLOAD_STORE = token<PayloadStore>('PAYLOAD_STORE');
export const MESSAGE_BUS = token<MessageBus>('MESSAGE_BUS');
/** What work queues and the command transport are built on. */
export const NATS_LINK = token<NatsLink>('NATS_LINK');
/** What the platform needs; begin `HEALTH_CHECKS` with it. */
export const PLATFORM_CHECKS = token<readonly HealthCheck[]>('PLATFORM_CHECKS');
/** Of the service; provide it next to HealthController. */
export const HEALTH_CHECKS = token<readonly HealthCheck[]>('HEALTH_CHECKS');
/** Publishes into JetStream and waits for the ack. */
export const PUBLISHER = token<LeanPublisher>('PUBLISHER');
export const DEAD_LETTERS = token<DeadLetters>('DEAD_LETTERS');
export const TRACING = token<Tracing>('TRACING');
export const METRICS = token<Metrics>('METRICS');
export const AUDIT_TRAIL = token<AuditTrail>('AUDIT_TRAIL');
/** What the one who records acts reads. */
export const AUDIT_INTAKE = token<AuditIntake>('AUDIT_INTAKE');
