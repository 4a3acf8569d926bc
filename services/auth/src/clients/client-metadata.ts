import { errors, type ClientMetadata } from 'oidc-provider';
import { z } from 'zod';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const LONGEST_URI = 1_024;

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const GRANTS_OF_STRANGERS = ['authorization_code', 'refresh_token', DEVICE_CODE];

const strangerSchema = z.object({
  client_id: z.string(),
  client_id_issued_at: z.number().optional(),
  client_name: z.string().max(100).optional(),
  client_uri: z
    .url({ protocol: /^https$/ })
    .max(LONGEST_URI)
    .optional()
    .catch(undefined),
  redirect_uris: z.array(z.string().max(LONGEST_URI)).min(1).max(10),
  token_endpoint_auth_method: z.literal('none').default('none'),
  grant_types: z
    .array(z.string())
    .default(['authorization_code', 'refresh_token'])
    .transform((types) => types.filter((type) => GRANTS_OF_STRANGERS.includes(type)))
    .pipe(z.array(z.string()).min(1)),
  response_types: z.tuple([z.literal('code')]).default(['code']),
  application_type: z.enum(['web', 'native']).optional(),
});

/** Whether the URI leads to the machine that the browser runs on. */
export function isLoopback(uri: string): boolean {
  const url = URL.parse(uri);
  return url !== null && LOOPBACK_HOSTS.has(url.hostname);
}

/**
 * What is taken over of what a stranger says of its client: a public one, with redirects to https or to the user's own
 * machine. Whatever else it says is left out, so that it can claim nothing.
 *
 * @throws InvalidClientMetadata that names what is wrong
 */
export function strangersClient(said: unknown): ClientMetadata & { readonly client_id: string } {
  const parsed = strangerSchema.safeParse(said);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new errors.InvalidClientMetadata(`${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { data } = parsed;
  for (const uri of data.redirect_uris) checkRedirect(uri);
  return {
    ...data,
    response_types: ['code'],
    // A program on the user's machine listens on whatever port is free.
    application_type: data.redirect_uris.every(isLoopback) ? 'native' : data.application_type,
  };
}

function checkRedirect(uri: string): void {
  const url = URL.parse(uri);
  const isAllowed =
    url !== null &&
    (isLoopback(uri) ? url.protocol === 'http:' : url.protocol === 'https:') &&
    url.username === '' &&
    url.hash === '';
  if (isAllowed) return;
  throw new errors.InvalidClientMetadata(
    'redirect_uris must be https, or http on a loopback host, without a fragment',
  );
}
