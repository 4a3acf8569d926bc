import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestLimits } from '../login/request-limits.js';
import { oauthRoutes } from '../routes/oauth-routes.js';

/** What of these is kept without a login; a login asks for far less. */
const LONGEST_REQUEST = 8 * 1_024;
const COME_BACK_SECONDS = '60';
const KEPT: readonly string[] = [oauthRoutes.authorization, oauthRoutes.device_authorization];

/** Stands before what anybody may ask for and what leaves something behind or tries a code. True when it has answered. */
export async function strangersAreStopped(
  limits: RequestLimits,
  route: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (request.method === 'OPTIONS' || request.method === 'HEAD') return false;
  if (KEPT.includes(route ?? '') && lengthOf(request) > LONGEST_REQUEST) {
    return refuse(response, 413, 'the request is too long');
  }
  if (KEPT.includes(route ?? '') && limits.strangersAreMany) {
    response.setHeader('retry-after', COME_BACK_SECONDS);
    return refuse(response, 503, 'too many logins are under way, try again later');
  }
  const waitMs = await waitOf(limits, route, request);
  if (waitMs === 0) return false;
  response.setHeader('retry-after', String(Math.ceil(waitMs / 1_000)));
  return refuse(response, 429, 'too many requests from your address, try again later');
}

function waitOf(
  limits: RequestLimits,
  route: string | undefined,
  request: IncomingMessage,
): Promise<number> {
  switch (route) {
    case oauthRoutes.authorization:
      return limits.waitMs('authorize', request);
    case oauthRoutes.device_authorization:
      return limits.waitMs('device-code', request);
    case oauthRoutes.code_verification:
      return request.method === 'POST' ? limits.waitMs('user-code', request) : Promise.resolve(0);
    default:
      return Promise.resolve(0);
  }
}

/** A body that does not say how long it is counts as too long. */
function lengthOf({ url = '', method, headers }: IncomingMessage): number {
  if (method !== 'POST') return url.length;
  return url.length + Number(headers['content-length'] ?? Infinity);
}

function refuse(response: ServerResponse, status: number, description: string): true {
  const body = { error: 'temporarily_unavailable', error_description: description };
  const error = status === 413 ? { ...body, error: 'invalid_request' } : body;
  response
    .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    .end(JSON.stringify(error));
  return true;
}
