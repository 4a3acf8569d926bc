import { z } from 'zod';

const MAX_TEXT = 64 * 1_024;
const text = z.string().min(1).max(MAX_TEXT);

/** How this product is known to an authorization server. */
const clientSchema = z.object({
  client_id: text,
  client_secret: text.optional(),
  client_secret_expires_at: z.number().optional().catch(undefined),
  token_endpoint_auth_method: text.optional().catch(undefined),
});

const tokensSchema = z.object({
  access_token: text,
  token_type: text.catch('Bearer'),
  refresh_token: text.optional(),
  scope: z.string().max(MAX_TEXT).optional().catch(undefined),
});

/** What is kept of a login to a tool server. */
export const storedLoginSchema = z.object({
  version: z.literal(1),
  /** Of the tool server: its tokens go nowhere else. */
  url: z.url(),
  /** Of the authorization server that gave them. */
  issuer: text,
  /** Which the server named, whole. */
  resource: text.optional(),
  resourceMetadataUrl: z.url().optional(),
  client: clientSchema,
  /** Absent: the login is over. */
  tokens: tokensSchema.optional(),
  /** Of the access token, ms since 1970. Absent: nobody said. */
  expiresAtMs: z.number().optional(),
  /** What the server has asked for beyond what the tokens are good for. */
  wantedScope: z.string().max(MAX_TEXT).optional(),
  /** When a person logged in, ms since 1970. */
  atMs: z.number(),
});
export type StoredLogin = z.infer<typeof storedLoginSchema>;

/** A login for which a person has been sent to a page and not come back yet. */
export const pendingLoginSchema = z.object({
  version: z.literal(1),
  url: z.url(),
  redirectUrl: z.url(),
  state: text,
  codeVerifier: text,
  authorizationServerUrl: text,
  resourceMetadataUrl: z.url().optional(),
  issuer: text,
  client: clientSchema,
  /** When it began, ms since 1970. */
  atMs: z.number(),
});
export type PendingLogin = z.infer<typeof pendingLoginSchema>;
