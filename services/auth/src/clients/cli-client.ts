import type { ClientMetadata } from 'oidc-provider';

/** The `skynet` command: a public client that everybody may use, known without registration. */
export const cliClient = {
  client_id: 'skynet-cli',
  client_name: 'Skynet command line',
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['http://127.0.0.1/callback'],
  response_types: ['code'],
  grant_types: [
    'authorization_code',
    'refresh_token',
    'urn:ietf:params:oauth:grant-type:device_code',
  ],
} satisfies ClientMetadata;
