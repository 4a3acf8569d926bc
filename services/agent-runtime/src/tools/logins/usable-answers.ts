import { OAuthClientFlowError } from '@modelcontextprotocol/client';
import { z } from 'zod';

/** What comes of an answer around a login; one that has not the form is told in a sentence, without what is in it. */
export async function usable<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof z.core.$ZodError)) throw error;
    const [{ path, message } = { path: [], message: 'it has another form' }] = error.issues;
    const place = path.length === 0 ? '' : `${path.join('.')}: `;
    throw new OAuthClientFlowError(`the answer can not be used: ${place}${message}`);
  }
}

/** Some issuers answer with an empty one. */
export function refuseNoToken({ access_token: token }: { readonly access_token: string }): void {
  if (token === '') throw new OAuthClientFlowError('the answer has no token');
}
