import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askNetwork, say, timed } from './processes.mjs';
import { Trouble } from './trouble.mjs';

/** Installs what package-lock.json names, unless node_modules already holds exactly that. */
export async function installDependencies(root) {
  if (isInstalled(root)) return;
  say('installing dependencies from package-lock.json …');
  const { result, line } = await timed('dependencies installed', () =>
    askNetwork('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root }),
  );
  if (result.code !== 0) {
    throw new Trouble(
      `npm ci failed:\n${withoutUsage(result.output)}`,
      'Mend what npm names above, then run the same command again.',
    );
  }
  say(line);
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
