import type { ServerResponse } from 'node:http';
import type { RevocableClaims } from '@skynet/contracts';

/** The requests that are being answered, and by which token: one that is revoked waits for nothing more. */
export class OpenRequests {
  private readonly open = new Map<ServerResponse, RevocableClaims>();

  get count(): number {
    return this.open.size;
  }

  add(response: ServerResponse, claims: RevocableClaims): void {
    this.open.set(response, claims);
    response.once('close', () => this.open.delete(response));
  }

  /** Cuts them off; what they have begun goes on, as when a client goes away. */
  endThoseOf(isRevoked: (claims: RevocableClaims) => boolean): void {
    for (const [response, claims] of this.open) if (isRevoked(claims)) response.destroy();
  }
}
