import { PermissionViolationError } from '@nats-io/transport-node';

/** Whether the server lets this user not do what it asked for. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof PermissionViolationError) return true;
  return error instanceof Error && error.cause !== undefined && isRefusal(error.cause);
}
