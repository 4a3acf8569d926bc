import type { PrincipalEvent } from '@skynet/contracts';

/** Whether a token that was made before the event allows more than its owner may since. */
export function endsTokens(event: PrincipalEvent): boolean {
  switch (event.type) {
    case 'PasswordChanged':
    case 'RoleRevoked':
    case 'UserDisabled':
    case 'ClientAccessChanged':
    case 'ClientDisabled':
    case 'ClientRemoved':
      return true;
    case 'ClientSecretReplaced':
      // With a time to change over nothing has leaked.
      return event.data.oldUntilMs === undefined;
    default:
      return false;
  }
}
