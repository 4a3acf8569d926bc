import { existsSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

const MANIFESTS = ['package.json', 'pyproject.toml', 'pyvenv.cfg'];

/**
 * What a file can't do without: the outermost `node_modules` that it lies in, else the package or virtual environment
 * around it, else its folder, else only itself; never what is too broad. A folder is itself.
 */
export function packageAround(path: string, isTooBroad: (path: string) => boolean): string {
  const names = path.split(sep);
  const modules = names.indexOf('node_modules');
  if (modules > 0) return names.slice(0, modules + 1).join(sep);
  if (statSync(path).isDirectory()) return path;
  for (let folder = dirname(path); !isTooBroad(folder); folder = dirname(folder)) {
    if (MANIFESTS.some((name) => existsSync(join(folder, name)))) return folder;
  }
  return isTooBroad(dirname(path)) ? path : dirname(path);
}
