import { buckets } from '@skynet/contracts';
import {
  GuardedFetch,
  isLoopbackAddress,
  isPublicAddress,
  type AuditTrail,
  type Clock,
  type EventStore,
  type HealthCheck,
  type Logger,
  type MessageBus,
  type Metrics,
  type StateStores,
} from '@skynet/platform';
import { token, type Token } from '@skynet/platform/service';
import type { AuditIntake } from '@skynet/platform/audit';
import { startAudit } from '../audit/audit.js';
import type { AuthConfig } from '../config/auth.config.js';
import { strangersClient, type StrangersClient } from '../clients/client-metadata.js';
import { ClientsOfFile } from '../clients/clients-of-file.js';
import { KnownClients } from '../clients/known-clients.js';
import { MachineClients } from '../clients/machine-clients.js';
import { ToldClients } from '../clients/told-clients.js';
import { AdminTokens } from '../http/admin-token.js';
import { RegistrationDoor } from '../http/registration-door.js';
import { KeyRing } from '../keys/key-ring.js';
import { Attempts, type AttemptRow } from '../login/attempts.js';
import { Interaction } from '../login/interaction.js';
import { KnownDevices } from '../login/known-devices.js';
import { PasswordLogin, type PasswordLoginParts } from '../login/password-login.js';
import { RequestLimits } from '../login/request-limits.js';
import { SecretLogin } from '../login/secret-login.js';
import { PasswordHasher } from '../principals/password-hasher.js';
import { Principals } from '../principals/principals.js';
import { Users } from '../principals/users.js';
import { AdminActs } from '../recording/admin-acts.js';
import { tellsOfFile } from '../recording/file-acts.js';
import { LoginActs } from '../recording/login-acts.js';
import { ProviderActs } from '../recording/provider-acts.js';
import { TracedAuditTrail } from '../recording/traced-audit-trail.js';
import { Revocations } from '../revocation/revocations.js';
import { openArtifacts, type Artifacts } from '../store/artifacts.js';
import { StrangersRoom } from '../store/strangers-room.js';
import { documentFetch } from '../tokens/client-documents.js';
import { OidcServer } from '../tokens/oidc-server.js';

export const AUTH: Token<Auth> = token('AUTH');

export interface AuthPorts {
  readonly store: EventStore;
  readonly states: StateStores;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly audit: AuditTrail;
  readonly bus: Pick<MessageBus, 'serve'>;
  /** Acts that services tell. */
  readonly intake: AuditIntake;
  /** Called when this process can't go on. */
  readonly onBug: (error: unknown) => void;
  /** Default: scrypt at full cost. */
  readonly hasher?: PasswordHasher;
  /** Default: from the public internet only. */
  readonly guarded?: GuardedFetch;
}

/** The auth service without its HTTP server. */
export interface Auth {
  readonly config: AuthConfig;
  readonly server: OidcServer;
  readonly interaction: Interaction;
  readonly limits: RequestLimits;
  /** Absent: nobody may register. */
  readonly registrationDoor?: RegistrationDoor;
  readonly users: Users;
  readonly hasher: PasswordHasher;
  readonly machines: MachineClients;
  readonly adminTokens: AdminTokens;
  readonly adminActs: AdminActs;
  readonly audit: AuditTrail;
  readonly healthChecks: readonly HealthCheck[];
  readonly clock: Clock;
  readonly log: Logger;
  stop(): Promise<void>;
}

export async function assembleAuth(config: AuthConfig, ports: AuthPorts): Promise<Auth> {
  const { states, clock, log } = ports;
  const audit = new TracedAuditTrail(ports.audit);
  const keyRing = new KeyRing({ file: config.keyFile, rotationMs: config.keyRotationMs, clock });
  const revocations = await Revocations.open(states, clock, log);
  const principals = new Principals({ ...ports, revocations });
  const users = new Users(principals);
  const ofFile = new ClientsOfFile(config.clientsFile, log);
  const machines = new MachineClients(principals, ofFile, clock);
  const asStranger = strangersClient(config.redirectSchemes);
  const hasher = ports.hasher ?? new PasswordHasher();
  const { attempts, limits, secrets, room } = await openThrottles(config, ports);
  const isOpen = config.registrationsPerHour > 0;
  const artifacts = await openArtifacts(states, revocations, clock);
  const loginOf = (kind: string, sent: string) => artifacts(kind).loginOf(sent);
  const parts = { machines, artifacts, secrets, strangers: asStranger };
  const server = await OidcServer.create({
    ...config,
    ...{ keyRing, users, machines, limits, attempts, secrets, clock, log },
    acts: new ProviderActs({ audit, users, machines, limits, loginOf }),
    strangersClient: asStranger,
    revocations,
    adapter: adapterOf(config, clock, parts),
    registrationIsOpen: isOpen,
    fetchDocument: config.clientDocuments
      ? documentFetch(guardOf(config, ports), asStranger, log)
      : undefined,
  });
  const login = await openLogin(ports, { users, hasher, attempts });
  const recorded = startAudit(config, ports);
  await principals.start();
  const onEnd = (clientId: string) => revocations.surely(clientId, { atMs: clock.nowMs() });
  // A change of the file belongs to no request, though one may be the first to notice it.
  const told = new ToldClients(config.toldClientsFile);
  await ofFile.follow({ clock, told, onEnd, tell: tellsOfFile(ports.audit) });
  return {
    config,
    server,
    interaction: new Interaction(login, users, config.audience, new LoginActs(audit)),
    limits,
    registrationDoor: isOpen ? new RegistrationDoor({ ...config, limits }) : undefined,
    users,
    hasher,
    machines,
    adminActs: new AdminActs(audit),
    audit,
    adminTokens: new AdminTokens({ ...config, keyRing, users, machines, revocations, clock }),
    healthChecks: [checkOf(keyRing), principals.healthCheck, recorded.healthCheck],
    clock,
    log,
    async stop() {
      await ofFile.stop();
      revocations.stop();
      await recorded.stop();
      await room.stop();
      await principals.stop();
    },
  };
}

/** What counts the tries of strangers, over all replicas. */
async function openThrottles(config: AuthConfig, { states, clock }: AuthPorts) {
  const rows = await states.open<AttemptRow>(buckets.attempts.bucket, buckets.attempts);
  const attempts = new Attempts(rows, clock);
  const { bucket, ttlMs: keptMs } = buckets.strangers;
  const strangers = await states.open(bucket, { ttlMs: keptMs });
  const room = await StrangersRoom.open(strangers, { clock, keptMs });
  const limits = new RequestLimits({ ...config, attempts, room });
  const secrets = await SecretLogin.open({
    attempts,
    addressOf: (request) => limits.addressOf(request),
  });
  return { attempts, limits, secrets, room };
}

async function openLogin(
  { states, clock, log }: AuthPorts,
  parts: Pick<PasswordLoginParts, 'users' | 'hasher' | 'attempts'>,
): Promise<PasswordLogin> {
  const { bucket, ttlMs } = buckets.logins;
  const devices = new KnownDevices(await states.open(bucket, { ttlMs }), clock);
  return new PasswordLogin({ ...parts, devices, log });
}

interface AdapterParts {
  readonly machines: MachineClients;
  readonly artifacts: (kind: string) => Artifacts;
  readonly secrets: SecretLogin;
  readonly strangers: StrangersClient;
}

function adapterOf(
  config: AuthConfig,
  clock: Clock,
  { machines, artifacts, secrets, strangers }: AdapterParts,
) {
  const clients = new KnownClients({
    machines,
    registered: artifacts('Client'),
    strangersClient: strangers,
    idleSeconds: config.clientIdleSeconds,
    clock,
    matchNothing: (clientId) => secrets.matchNothing(clientId),
  });
  return (kind: string) => (kind === 'Client' ? clients : artifacts(kind));
}

function guardOf({ localClientDocuments }: AuthConfig, { guarded }: AuthPorts): GuardedFetch {
  if (guarded !== undefined || !localClientDocuments) return guarded ?? new GuardedFetch();
  return new GuardedFetch({
    allows: (address) => isPublicAddress(address) || isLoopbackAddress(address),
    allowsPort: () => true,
  });
}

function checkOf(keyRing: KeyRing): HealthCheck {
  return { name: 'keys', check: async () => void (await keyRing.current()) };
}
