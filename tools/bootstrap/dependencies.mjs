import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowedScripts } from './install-scripts.mjs';
import { ask, askNetwork, say, timed } from './processes.mjs';
import { Trouble } from './trouble.mjs';

/** Installs what package-lock.json names, unless node_modules already holds exactly that. */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  say('installing dependencies from package-lock.json …');
  const { result, line } = await timed('dependencies installed', () => install(root));
  if (result.code !== 0) {
    throw new Trouble(
      `npm ci failed:\n${withoutUsage(result.output)}`,
      'Mend what npm names above, then run the same command again.',
    );
  }
  say(line);
}

/** What was installed runs nothing, but for packages that are named. */
function install(root) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const installed = askNetwork('npm', ['ci', '--ignore-scripts', ...quiet], { cwd: root });
  if (installed.code !== 0 || allowedScripts.length === 0) return installed;
  return ask('npm', ['rebuild', '--ignore-scripts=false', ...allowedScripts], { cwd: root });
}

function withoutUsage(output) {
  return output.split('npm error Clean install')[0].trimEnd();
}

/** npm writes the second file at the end of an install, so an interrupted one does not count. */
function isInstalled(root) {
  const locked = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules/.package-lock.json'));
  return Object.entries(locked).every(([place, { version, optional, integrity }]) => {
    const installed = present[place];
    if (place === '' || (optional && !installed)) return true;
    return installed?.version === version && installed?.integrity === integrity;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}
