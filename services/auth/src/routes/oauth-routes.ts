/** Paths of the OAuth endpoints below the issuer. */
export const oauthRoutes = {
  authorization: '/authorize',
  code_verification: '/device',
  device_authorization: '/device/authorize',
  jwks: '/jwks',
  registration: '/register',
  revocation: '/revoke',
  token: '/token',
} as const;
