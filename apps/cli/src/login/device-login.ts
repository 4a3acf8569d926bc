import { setTimeout as sleep } from 'node:timers/promises';
import { type AccessToken, askForToken, TokenRefused } from '@skynet/client';
import { z } from 'zod';
import { Trouble } from '../ending/trouble.js';
import { refuseOtherOrigin, type LoginServer } from './login-server.js';

export interface DeviceLoginOptions {
  readonly server: LoginServer;
  readonly clientId: string;
  readonly scope: string;
  /** Called with the page to open, on any machine, and the code to type there. */
  readonly onCode: (page: string, code: string) => void;
  readonly signal: AbortSignal;
}

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const INTERVAL_SECONDS = 5;
const SLOWER_SECONDS = 5;

const endpointSchema = z.object({ device_authorization_endpoint: z.url() });
const codeSchema = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.url({ protocol: /^https?$/ }),
  interval: z.number().nonnegative().default(INTERVAL_SECONDS),
});

/** Logs in without a browser on this machine: a person types a code on another one. */
export async function logInByDevice(options: DeviceLoginOptions): Promise<AccessToken> {
  const { server, clientId, scope, onCode, signal } = options;
  const code = await askForCode(server, { client_id: clientId, scope, resource: server.resource });
  onCode(code.verification_uri, code.user_code);
  let { interval } = code;
  for (;;) {
    await sleep(interval * 1_000, undefined, { signal });
    try {
      return await askForToken(server.metadata.token_endpoint, {
        grant_type: GRANT,
        client_id: clientId,
        device_code: code.device_code,
        resource: server.resource,
      });
    } catch (error) {
      const refusal = error instanceof TokenRefused ? error.code : undefined;
      if (refusal === 'slow_down') interval += SLOWER_SECONDS;
      else if (refusal !== 'authorization_pending') throw error;
    }
  }
}

async function askForCode(
  { metadata, issuer }: LoginServer,
  parameters: Readonly<Record<string, string>>,
): Promise<z.infer<typeof codeSchema>> {
  const endpoint = endpointSchema.safeParse(metadata);
  if (!endpoint.success) {
    throw new Trouble(`${issuer} can not log in a program without a browser.`, {
      next: 'Log in without --device.',
    });
  }
  const response = await fetch(endpoint.data.device_authorization_endpoint, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  if (!response.ok) throw new Trouble(`${issuer} gave no code: HTTP ${response.status}`);
  const code = codeSchema.parse(await response.json());
  // A code that was asked for elsewhere would let somebody else in there.
  refuseOtherOrigin(issuer, code.verification_uri);
  return code;
}
