import { Module, type DynamicModule } from '@nestjs/common';
import {
  CLOCK,
  HEALTH_CHECKS,
  HealthController,
  LOGGER,
  type Clock,
  type HealthCheck,
  type Logger,
} from '@skynet/platform';
import type { AuthConfig } from './auth.config.js';
import { ClientRegistry } from './clients/client-registry.js';
import { OAuthController, OIDC_SERVER } from './http/oauth.controller.js';
import { KeyRing } from './keys/key-ring.js';
import { OidcServer } from './tokens/oidc-server.js';

@Module({})
export class AuthModule {
  static forRoot(config: AuthConfig, log: Logger, clock: Clock): DynamicModule {
    const keyRing = new KeyRing({ file: config.keyFile, rotationMs: config.keyRotationMs, clock });
    const clients = new ClientRegistry(config.clientsFile, log);
    const keysCheck: HealthCheck = {
      name: 'keys',
      check: async () => void (await keyRing.current()),
    };
    return {
      module: AuthModule,
      controllers: [OAuthController, HealthController],
      providers: [
        {
          provide: OIDC_SERVER,
          useFactory: () => OidcServer.create({ ...config, keyRing, clients, clock, log }),
        },
        { provide: HEALTH_CHECKS, useValue: [keysCheck] },
        { provide: LOGGER, useValue: log },
        { provide: CLOCK, useValue: clock },
      ],
    };
  }
}
