import { z } from 'zod';
import { Trouble } from '../ending/trouble.js';
import type { LoginServer } from './login-server.js';
import { isSameResource } from './same-resource.js';

const audienceSchema = z.object({ aud: z.union([z.string(), z.array(z.string())]) });

/**
 * An issuer that does not know the resource parameter may give a token for another server, which must not be sent here.
 * A token that only its issuer can read says nothing.
 *
 * @throws Trouble when the token says that it is for others
 */
export function refuseTokenForOthers(
  token: string,
  { issuer, resource }: Pick<LoginServer, 'issuer' | 'resource'>,
): void {
  const audiences = audiencesOf(token);
  if (audiences?.every((audience) => !isSameResource(audience, resource)) !== true) return;
  const whom = audiences.join(', ') || 'nobody';
  throw new Trouble(`${issuer} gave a token that is not for ${resource} but for ${whom}.`, {
    next: 'Check the URL, and whether the operator has made the server known to its issuer.',
  });
}

function audiencesOf(token: string): readonly string[] | undefined {
  const [, claims = ''] = token.split('.');
  try {
    const { aud } = audienceSchema.parse(
      JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')),
    );
    return [aud].flat();
  } catch {
    return undefined;
  }
}
