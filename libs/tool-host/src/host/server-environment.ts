import { delimiter, isAbsolute } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What every server gets of the machine's environment. */
const ALWAYS = /^(PATH|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM)$/;

/** What a program needs to reach the network as this machine does. */
const FOR_NETWORK = new RegExp(
  `^(${[
    '(HTTP|HTTPS|ALL|NO)_PROXY',
    'NODE_USE_ENV_PROXY|NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA',
    'SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_CAINFO',
    'NPM_CONFIG_(REGISTRY|CAFILE|PROXY|HTTP_PROXY|HTTPS_PROXY|NOPROXY)',
    'PIP_(INDEX_URL|EXTRA_INDEX_URL|CERT|TRUSTED_HOST)',
    'UV_(INDEX|INDEX_URL|DEFAULT_INDEX|EXTRA_INDEX_URL|NATIVE_TLS|SYSTEM_CERTS|PYTHON_INSTALL_MIRROR)',
    'GOPROXY|GONOSUMDB|GOFLAGS|CARGO_HTTP_CAINFO',
  ].join('|')})$`,
  'i',
);

/** What only a server without a sandbox has a use for. */
const OF_USER = /^(HOME|TMPDIR|XDG_[A-Z_]+)$/;

/** Without network these would try for a minute before they take what they have. */
const OFFLINE = { npm_config_offline: 'true', UV_OFFLINE: '1' };

/** The environment of a server before its entry adds to it: nothing that is not in these tables. */
export function serverEnvironment(
  environment: Environment,
  { network, isSandboxed }: { readonly network: boolean; readonly isSandboxed: boolean },
): Record<string, string> {
  const tables = [
    ALWAYS,
    ...(network || !isSandboxed ? [FOR_NETWORK] : []),
    ...(isSandboxed ? [] : [OF_USER]),
  ];
  const kept = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value !== undefined && tables.some((table) => table.test(name)) ? [[name, value]] : [],
  );
  const offline = isSandboxed && !network ? OFFLINE : {};
  return { ...Object.fromEntries(kept), ...offline, PATH: ownersPath(environment['PATH'] ?? '') };
}

/** The environment of a host: what its servers may get, and nothing else. */
export function hostEnvironment(environment: Environment): Record<string, string> {
  return serverEnvironment(environment, { network: true, isSandboxed: false });
}

/** Files that variables of the network name, as certificates. */
export function filesNamedIn(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => FOR_NETWORK.test(name) && isAbsolute(value))
    .map(([, value]) => value);
}

/** Without what npm and this product put first: a server runs on the Node, npx, uvx that its owner would run it on. */
function ownersPath(path: string): string {
  const folders = path.split(delimiter);
  return folders
    .filter((folder) => isAbsolute(folder) && !folder.split('/').includes('node_modules'))
    .join(delimiter);
}
