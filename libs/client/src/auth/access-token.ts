import { z } from 'zod';
import { answerOf, parsed } from './http-answer.js';

const tokenSchema = z.object({
  access_token: z.string(),
  expires_in: z.number().positive(),
  refresh_token: z.string().optional(),
});

const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

export interface AccessToken {
  readonly token: string;
  /** ISO 8601. */
  readonly tokenExpiresAt: string;
  /** Absent when the login can't be prolonged. */
  readonly refreshToken?: string;
}

/** A token endpoint said no, with a code of OAuth. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';

  constructor(
    readonly code: string,
    description: string,
  ) {
    super(`The auth service gave no token: ${description}`);
  }
}

/**
 * Asks a token endpoint.
 *
 * @throws TokenRefused
 * @throws ServerError when nobody answers there, or somebody else
 */
export async function askForToken(
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<AccessToken> {
  const { status, isOk, text } = await answerOf(endpoint, {
    method: 'POST',
    headers: { ...headers, accept: 'application/json' },
    body: new URLSearchParams(parameters),
  });
  if (!isOk) throw refused(status, text);
  const answer = tokenSchema.parse(parsed(endpoint, text));
  const expiresAt = new Date(Date.now() + answer.expires_in * 1_000).toISOString();
  return {
    token: answer.access_token,
    tokenExpiresAt: expiresAt,
    refreshToken: answer.refresh_token,
  };
}

function refused(status: number, text: string): TokenRefused {
  try {
    const { error, error_description: description } = refusalSchema.parse(JSON.parse(text));
    return new TokenRefused(error, description ?? error);
  } catch {
    return new TokenRefused('unknown', `HTTP ${status}`);
  }
}
