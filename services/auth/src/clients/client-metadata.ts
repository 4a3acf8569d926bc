import { errors, type ClientMetadata } from 'oidc-provider';
import { z } from 'zod';
import { applicationTypeOf, flawOf } from './redirects.js';

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
});

/** What is taken over of what a stranger says of its client. */
export type StrangersClient = (said: unknown) => ClientMetadata & { readonly client_id: string };

/**
 * Takes over a public client, with redirects to https, to the user's own machine, or to a program that owns one of the
 * schemes. Whatever else it says is left out, so that it can claim nothing.
 *
 * @throws InvalidClientMetadata that names what is wrong
 */
export function strangersClient(ownSchemes: readonly string[]): StrangersClient {
  return (said) => {
    const parsed = strangerSchema.safeParse(said);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new errors.InvalidClientMetadata(`${issue?.path.join('.')}: ${issue?.message}`);
    }
    const { data } = parsed;
    for (const uri of data.redirect_uris) {
      const flaw = flawOf(uri, ownSchemes);
      if (flaw !== undefined) throw new errors.InvalidClientMetadata(flaw);
    }
    return {
      ...data,
      response_types: ['code'],
      application_type: applicationTypeOf(data.redirect_uris),
    };
  };
}
