import type { Environment } from '../command/cli.config.js';
import type { ServiceName } from './repository.js';

/** Settings that a service gets from the environment of `up`. The runtime gets that whole: keys of models are in it. */
const handedOn: Readonly<Record<Exclude<ServiceName, 'agent-runtime'>, readonly string[]>> = {
  auth: [
    'AUTH_ACCESS_TOKEN_TTL_SECONDS',
    'AUTH_ALLOWED_ORIGINS',
    'AUTH_BEHIND_PROXY',
    'AUTH_CLIENT_DOCUMENTS',
    'AUTH_CLIENT_IDLE_SECONDS',
    'AUTH_KEY_ROTATION_SECONDS',
    'AUTH_LOCAL_CLIENT_DOCUMENTS',
    'AUTH_LOGIN_SECONDS',
    'AUTH_REDIRECT_SCHEMES',
    'AUTH_REGISTRATIONS_PER_HOUR',
    'AUTH_USER_TOKEN_TTL_SECONDS',
  ],
  'mcp-edge': [
    'EDGE_ALLOWED_HOSTS',
    'EDGE_ALLOWED_ORIGINS',
    'EDGE_BEHIND_PROXY',
    'EDGE_BODY_LIMIT_BYTES',
    'EDGE_DEFAULT_ROLES',
    'EDGE_DEFAULT_TENANT',
    'EDGE_ISSUER_ALLOW_PRIVATE',
    'EDGE_JAEGER_URL',
    'EDGE_MESSAGE_DEPTH',
    'EDGE_MESSAGE_VALUES',
    'EDGE_OPERATOR_TENANT',
    'EDGE_RATE_BURST',
    'EDGE_RATE_PER_SECOND',
    'EDGE_RATE_UNKNOWN_BURST',
    'EDGE_RATE_UNKNOWN_PER_SECOND',
    'EDGE_ROLES_CLAIM',
    'EDGE_TENANT_CLAIM',
    'EDGE_TOKEN_ALGORITHMS',
    'EDGE_TOKEN_TYPES',
  ],
  scheduler: [
    'SCHEDULER_MAX_LIVE_PER_TENANT',
    'SCHEDULER_MAX_RUNNING',
    'SCHEDULER_MAX_RUNNING_PER_TENANT',
    'SCHEDULER_MAX_SCHEDULES_PER_TENANT',
  ],
};

const runtimeSettings = [
  'AGENT_RUNTIME_DEFAULT_CHILDREN',
  'AGENT_RUNTIME_DEFAULT_COST_MICRO_USD',
  'AGENT_RUNTIME_DEFAULT_DEPTH',
  'AGENT_RUNTIME_DEFAULT_DESCENDANTS',
  'AGENT_RUNTIME_DEFAULT_SECONDS',
  'AGENT_RUNTIME_DEFAULT_TOKENS',
  'AGENT_RUNTIME_HIDDEN',
  'AGENT_RUNTIME_MAX_WAITING_TREES_PER_TENANT',
  'AGENT_RUNTIME_MODEL_ATTEMPTS',
  'AGENT_RUNTIME_REGISTRY',
  'AGENT_RUNTIME_RETENTION_ARCHIVE',
  'AGENT_RUNTIME_RETENTION_DAYS',
  'AGENT_RUNTIME_SECRETS',
  'AGENT_RUNTIME_SLOTS',
  'AGENT_RUNTIME_TEMPLATES',
  'AGENT_RUNTIME_TOOL_HOST',
  'AGENT_RUNTIME_TOOL_LOGINS',
] as const;

const ITSELF = 'up sets it itself';

/** Settings that `up` decides, and how to have it otherwise. */
const decided: Readonly<Record<string, string>> = {
  AGENT_RUNTIME_HOST: ITSELF,
  AGENT_RUNTIME_PORT: '--runtime-port sets it',
  AUTH_AUDIENCE: ITSELF,
  AUTH_CLIENTS_FILE: ITSELF,
  AUTH_DATA_FOLDER: '--data sets it',
  AUTH_HOST: ITSELF,
  AUTH_ISSUER: ITSELF,
  AUTH_PORT: '--auth-port sets it',
  EDGE_AUDIENCE: ITSELF,
  EDGE_HOST: ITSELF,
  EDGE_ISSUER: ITSELF,
  EDGE_JWKS_URL: ITSELF,
  EDGE_LISTEN_FD: ITSELF,
  EDGE_PORT: '--port sets it',
  METRICS_HOST: ITSELF,
  METRICS_PORT: '--metrics sets it',
  NATS_CA_FILE: ITSELF,
  NATS_NKEY: ITSELF,
  NATS_REPLICAS: '--servers sets it',
  NATS_URL: '--nats-port sets it',
  SCHEDULER_HOST: ITSELF,
  SCHEDULER_PORT: '--scheduler-port sets it',
};

/** A name that begins so is meant for a service. */
const MEANT = /^(AGENT_RUNTIME|AUTH|EDGE|SCHEDULER)_/;
const FILE = /_FILE$/;

/** What of the environment one of these services gets as its own settings; a value may stand in a file. */
export function settingsOf(service: keyof typeof handedOn, environment: Environment): Environment {
  const names = handedOn[service].flatMap((name) => [name, `${name}_FILE`]);
  return Object.fromEntries(
    names.filter((name) => environment[name]).map((name) => [name, environment[name]]),
  );
}

/** Settings in the environment that no service gets, each with the reason. */
export function unusedSettings(environment: Environment): string[] {
  return Object.keys(environment)
    .filter((name) => environment[name])
    .toSorted()
    .flatMap((name) => {
      const reason = reasonOf(name);
      return reason === undefined ? [] : [`${name} (${reason})`];
    });
}

function reasonOf(name: string): string | undefined {
  const plain = name.replace(FILE, '');
  const reason = decided[name] ?? decided[plain];
  if (reason !== undefined) return reason;
  return MEANT.test(name) && !usedSettings.has(plain) ? 'no setting of a service' : undefined;
}

const usedSettings: ReadonlySet<string> = new Set([
  ...Object.values(handedOn).flat(),
  ...runtimeSettings,
]);

/** Every setting that `up` hands on or decides. */
export const knownSettings: readonly string[] = [...usedSettings, ...Object.keys(decided)];
