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
  provide,
  STATE_STORES,
} from '@skynet/platform/service';
import { AUTH, assembleAuth, type Auth, type AuthPorts } from './auth/auth.js';
import type { AuthConfig } from './config/auth.config.js';
import { ClientsController } from './controllers/clients.controller.js';
import { InteractionController } from './controllers/interaction.controller.js';
import { OAuthController } from './controllers/oauth.controller.js';
import { UsersController } from './controllers/users.controller.js';

const PORTS = {
  store: EVENT_STORE,
  states: STATE_STORES,
  clock: CLOCK,
  log: LOGGER,
  metrics: METRICS,
  audit: AUDIT_TRAIL,
  bus: MESSAGE_BUS,
  intake: AUDIT_INTAKE,
};

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
        provide(AUTH, PORTS, (ports) => assembleAuth(config, { ...ports, ...surroundings })),
        provide(HEALTH_CHECKS, { platform: PLATFORM_CHECKS, auth: AUTH }, (parts) => [
          ...parts.platform,
          ...parts.auth.healthChecks,
        ]),
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.auth.stop();
  }
}
