import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import {
  AUDIT_INTAKE,
  AUDIT_TRAIL,
  CLOCK,
  EVENT_STORE,
  HEALTH_CHECKS,
  HealthController,
  LOGGER,
  MESSAGE_BUS,
  METRICS,
  PLATFORM_CHECKS,
  STATE_STORES,
  type AuditTrail,
  type Clock,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  type StateStores,
} from '@skynet/platform';
import type { AuditIntake } from '@skynet/platform/audit';
import { AUTH, assembleAuth, type Auth, type AuthPorts } from './auth/auth.js';
import type { AuthConfig } from './config/auth.config.js';
import { ClientsController } from './controllers/clients.controller.js';
import { InteractionController } from './controllers/interaction.controller.js';
import { OAuthController } from './controllers/oauth.controller.js';
import { UsersController } from './controllers/users.controller.js';

const PORTS = [
  ...[EVENT_STORE, STATE_STORES, CLOCK, LOGGER, METRICS],
  ...[AUDIT_TRAIL, MESSAGE_BUS, AUDIT_INTAKE],
];
type Ports = [
  ...[EventStore, StateStores, Clock, Logger, Metrics],
  ...[AuditTrail, MessageBus, AuditIntake],
];

/** What the caller of the module brings, beside the ports of the platform. */
export type AuthSurroundings = Pick<AuthPorts, 'onBug' | 'hasher' | 'guarded'>;

@Module({})
export class AuthModule implements OnApplicationShutdown {
  constructor(@Inject(AUTH) private readonly auth: Auth) {}

  /** `platform`: the global module that provides the ports. */
  static forRoot(
    config: AuthConfig,
    platform: DynamicModule,
    surroundings: AuthSurroundings,
  ): DynamicModule {
    return {
      module: AuthModule,
      imports: [platform],
      controllers: [
        OAuthController,
        InteractionController,
        UsersController,
        ClientsController,
        HealthController,
      ],
      providers: [
        {
          provide: AUTH,
          inject: PORTS,
          useFactory: (...[store, states, clock, log, metrics, audit, bus, intake]: Ports) =>
            assembleAuth(config, {
              ...{ store, states, clock, log, metrics, audit, bus, intake },
              ...surroundings,
            }),
        },
        {
          provide: HEALTH_CHECKS,
          inject: [PLATFORM_CHECKS, AUTH],
          useFactory: (platform: readonly HealthCheck[], auth: Auth) => [
            ...platform,
            ...auth.healthChecks,
          ],
        },
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.auth.stop();
  }
}
