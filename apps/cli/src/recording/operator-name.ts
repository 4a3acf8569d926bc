import { userInfo } from 'node:os';

const LONGEST = 64;

/** Who the machine says sits here; nobody has proved it. */
export function operatorName(): string {
  try {
    return userInfo().username.slice(0, LONGEST) || 'unknown';
  } catch {
    // A container may run as a number without a name.
    return 'unknown';
  }
}
