import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { askNetwork, say, timed } from './processes.mjs';
import { Trouble } from './trouble.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin', '/snap/bin'];
const ON_MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/**
 * The path of a Chromium: the caller's, the machine's, or one installed where this program may. Undefined where none can
 * be had: only the tests of the login by browser need it, and say that they are skipped.
 */
export async function findChromium() {
  const named = process.env.SKYNET_CHROMIUM;
  if (named && !existsSync(named)) {
    throw new Trouble(
      `SKYNET_CHROMIUM names ${named}, which is not there.`,
      'Correct it, or unset it to let this program find or install one.',
    );
  }
  return named || onMachine() || (await install());
}

function onMachine() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS].filter(Boolean);
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...found, ON_MAC].find((file) => existsSync(file));
}

/** Too many libraries to unpack beside the system: it takes root. */
async function install() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    say('Chromium is not on this machine: the tests of the login by browser are skipped');
    return undefined;
  }
  say('Chromium is not on this machine; installing it …');
  const { result, line } = await timed('Chromium installed', () => {
    askNetwork('apt-get', ['update']);
    return askNetwork('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).output;
  });
  const file = onMachine();
  if (file) say(`${line}: ${file}`);
  else say(`Chromium could not be installed, its tests are skipped: ${result.slice(-300)}`);
  return file;
}
