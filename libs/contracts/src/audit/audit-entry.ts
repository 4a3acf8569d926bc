import { z } from 'zod';
import { principalSchema, tenantSchema } from '../envelope/ids.js';

/** Acts of people and clients that leave a record. Tools of the edge are recorded under their own names. */
export const auditActs = {
  access:
    'a request to the edge or to /admin that was turned away before it was known what it wanted',
  login: 'a person who gives name and password, or confirms a device',
  consent: 'a person who lets a client act for him',
  token: 'a token given to a client, or not',
  revoke: 'tokens of a login, or one token, ended by their client',
  'token-reuse': 'a code or refresh token that was used twice, which ended the tokens of its login',
  'client-registration': 'a client that registered itself',
  'add-user': 'an administrator who adds a user',
  'change-user': 'an administrator who changes roles, password or standing of a user',
  'add-client': 'an administrator who adds a client with a secret',
  'change-client': 'an administrator who changes a client, its secret or standing, or removes it',
  'change-clients-file': 'clients of the operator’s file that came, changed or went',
  'approve-tools': 'an operator who lets changed tools be offered again',
  'tool-login': 'an operator who logged in to a tool server for its agents, or out of it',
  'set-quotas': 'an operator who sets quotas of a tenant',
  operate: 'an operator who copied, restored, mended or exported stored data',
  omitted:
    'entries about callers that nobody knows, too many to be kept each; `count` says how many',
} as const satisfies Record<string, string>;

const actSchema = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/);

/** Longest texts, in UTF-16 units. */
export const AUDIT_TEXT_LENGTHS = { name: 200, reason: 300, detail: 200 } as const;
const MOST_DETAILS = 12;

const name = z.string().min(1).max(AUDIT_TEXT_LENGTHS.name);

/** `allowed`: it may be done, and was begun. `refused`: it may not. `failed`: it may, and did not happen or nobody knows. */
export const auditOutcomeSchema = z.enum(['allowed', 'refused', 'failed']);
export type AuditOutcome = z.infer<typeof auditOutcomeSchema>;

/** What an act was done to. */
export const auditTargetSchema = z.strictObject({
  kind: z.enum(['agent', 'user', 'client', 'login', 'server', 'tenant', 'store']),
  id: name,
});

/** One allowed or refused act, as a service tells it. Holds no secrets and no words of tasks, prompts or results. */
export const auditEntrySchema = z.strictObject({
  /** UUID; an entry that comes twice is recorded once. */
  id: z.uuid(),
  /** Epoch milliseconds by the clock of the service. */
  timeMs: z.int().nonnegative(),
  act: actSchema,
  outcome: auditOutcomeSchema,
  /** Absent: nobody is known. */
  principal: principalSchema.optional(),
  tenant: tenantSchema.optional(),
  /** Client of the token, as its issuer names it. */
  client: name.optional(),
  /** Address of the caller, as far as proxies say it. */
  address: z.string().max(64).optional(),
  target: auditTargetSchema.optional(),
  /** Why it was refused or failed: an error code, or a sentence of ours. */
  reason: z.string().max(AUDIT_TEXT_LENGTHS.reason).optional(),
  /** W3C trace context. */
  traceparent: z.string().max(64).optional(),
  /** More about the act, such as the roles that were given. */
  details: z
    .record(z.string().max(64), z.string().max(AUDIT_TEXT_LENGTHS.detail))
    .refine((details) => Object.keys(details).length <= MOST_DETAILS, 'too many')
    .optional(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;
