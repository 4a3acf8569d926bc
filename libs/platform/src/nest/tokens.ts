/** Tokens under which PlatformModule provides the ports; inject with `@Inject(TOKEN)`. */
export const CLOCK = Symbol('CLOCK');
export const LOGGER = Symbol('LOGGER');
export const EVENT_STORE = Symbol('EVENT_STORE');
export const STATE_STORES = Symbol('STATE_STORES');
export const PAYLOAD_STORE = Symbol('PAYLOAD_STORE');
export const MESSAGE_BUS = Symbol('MESSAGE_BUS');
/** The NatsLink of the process: what work queues and the command transport are built on. */
export const NATS_LINK = Symbol('NATS_LINK');
/** The HealthCheck list of what the platform needs; begin `HEALTH_CHECKS` with it. */
export const PLATFORM_CHECKS = Symbol('PLATFORM_CHECKS');
/** The HealthCheck list of the service; provide it next to HealthController. */
export const HEALTH_CHECKS = Symbol('HEALTH_CHECKS');
/** The LeanPublisher of the process: publishes into JetStream and waits for the ack. */
export const PUBLISHER = Symbol('PUBLISHER');
/** The DeadLetters of the process. */
export const DEAD_LETTERS = Symbol('DEAD_LETTERS');
/** The Tracing of the process. */
export const TRACING = Symbol('TRACING');
/** The Metrics of the process. */
export const METRICS = Symbol('METRICS');
/** The AuditTrail of the process. */
export const AUDIT_TRAIL = Symbol('AUDIT_TRAIL');
/** The AuditIntake: what the one who records acts reads. */
export const AUDIT_INTAKE = Symbol('AUDIT_INTAKE');
