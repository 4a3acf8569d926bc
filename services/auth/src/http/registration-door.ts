import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestLimits } from '../login/request-limits.js';

export interface RegistrationDoorOptions {
  readonly limits: RequestLimits;
  /** Host names of pages, without ports. */
  readonly allowedOrigins: readonly string[];
}

const PREFLIGHT_SECONDS = '600';

/**
 * Stands before registration, which leaves something behind and counts against the caller's address: no page may cause it
 * in a visitor's browser but those of the operator's list.
 */
export class RegistrationDoor {
  constructor(private readonly options: RegistrationDoorOptions) {}

  /** True when the request has been answered and goes no further. */
  async answers(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const { origin } = request.headers;
    response.setHeader('vary', 'Origin');
    if (origin !== undefined) {
      if (!this.allows(origin)) return refuse(response, origin);
      response.setHeader('access-control-allow-origin', origin);
    }
    if (request.method === 'OPTIONS') return preflight(request, response);
    const waitMs = await this.options.limits.registrationWaitMs(request);
    return waitMs === 0 ? false : throttle(response, waitMs);
  }

  private allows(origin: string): boolean {
    const hostname = URL.parse(origin)?.hostname;
    return hostname !== undefined && this.options.allowedOrigins.includes(hostname);
  }
}

function preflight(request: IncomingMessage, response: ServerResponse): true {
  response
    .writeHead(204, {
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers':
        request.headers['access-control-request-headers'] ?? 'content-type',
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
    .end();
  return true;
}

function refuse(response: ServerResponse, origin: string): true {
  return answer(response, 403, {
    error: 'access_denied',
    error_description: `pages of ${origin} may not register clients here`,
  });
}

function throttle(response: ServerResponse, waitMs: number): true {
  response.setHeader('retry-after', String(Math.ceil(waitMs / 1_000)));
  response.setHeader('access-control-expose-headers', 'Retry-After');
  return answer(response, 429, {
    error: 'temporarily_unavailable',
    error_description: 'too many clients were registered from your address, try again later',
  });
}

function answer(response: ServerResponse, status: number, body: object): true {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return true;
}
