import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, askNetwork } from './processes.mjs';

/** Downloads Debian's packages and unpacks them into a folder of the cache, as any user; returns what apt said. */
export function unpackFromApt(cache, target, packages) {
  const downloads = join(cache, 'apt');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true });
  let said = download(downloads, packages, []);
  if (filesIn(downloads).length < packages.length) {
    said = download(downloads, packages, freshLists(downloads));
  }
  for (const file of filesIn(downloads)) said += ask('dpkg-deb', ['-x', file, target]).output;
  rmSync(downloads, { recursive: true, force: true });
  return said.trim() || 'there is no apt-get';
}

function download(folder, packages, options) {
  const args = ['-o', 'APT::Sandbox::User=root', ...options, 'download', ...packages];
  return askNetwork('apt-get', args, { cwd: folder }).output;
}

/** The machine's package lists may be empty or stale, and only root may refresh them: these are our own. */
function freshLists(folder) {
  for (const each of ['lists/partial', 'archives/partial']) {
    mkdirSync(join(folder, each), { recursive: true });
  }
  const options = [`Dir::State::lists=${join(folder, 'lists')}`, `Dir::Cache=${folder}`].flatMap(
    (option) => ['-o', option],
  );
  askNetwork('apt-get', ['-o', 'APT::Sandbox::User=root', ...options, 'update']);
  return options;
}

function filesIn(folder) {
  return readdirSync(folder)
    .filter((each) => each.endsWith('.deb'))
    .map((each) => join(folder, each));
}
