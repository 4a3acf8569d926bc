export { clientEventSchemas, readClientEvent, type ClientEvent } from './client-events.js';
export {
  clientChangesSchema,
  clientViewSchema,
  clientWithSecretSchema,
  newClientSchema,
  secretRotationSchema,
  type ClientChanges,
  type ClientView,
  type ClientWithSecret,
  type NewClient,
  type SecretRotation,
} from './clients.js';
export {
  isClientEvent,
  principalEventVersion,
  readPrincipalEvent,
  type PrincipalEvent,
} from './principal-events.js';
export { accessClaimsSchema, hasRole, scopesNamed, scopesOf, type Principal } from './principal.js';
export { MAX_LOGIN_SECONDS } from './logins.js';
export {
  isRevoked,
  MAX_ACCESS_TOKEN_SECONDS,
  revocableClaimsSchema,
  revocationKeys,
  revocationSchema,
  type RevocableClaims,
  type Revocation,
} from './revocations.js';
export { roleSchema, type Role } from './roles.js';
export { everydayScopes, scopeOfTool, scopeSchema, scopesOfRoles, type Scope } from './scopes.js';
export { readUserEvent, userEventSchemas, type UserEvent } from './user-events.js';
export {
  newUserSchema,
  passwordHashSchema,
  userChangesSchema,
  userViewSchema,
  type NewUser,
  type UserChanges,
  type UserView,
} from './users.js';
