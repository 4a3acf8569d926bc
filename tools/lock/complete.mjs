/**
 * Adds to package-lock.json the optional packages of other platforms that `npm install` left out because its registry
 * did not serve them; without them `npm ci` refuses the file. Run after each `npm install`. What is added has no hash:
 * npm writes one when it installs on such a platform. Those are listed in without-hash.json, which a check compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const file = resolve(import.meta.dirname, '../../package-lock.json');
const withoutHash = resolve(import.meta.dirname, 'without-hash.json');
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];

const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {}, dev }]) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => !isLocked(place, name))
    .map(([name, version]) => [`node_modules/${name}`, entryOf(name, version, dev)]),
);
lock.packages = Object.fromEntries(
  [...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en')),
);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
const bare = Object.entries(lock.packages).filter(
  ([place, { integrity, link }]) => place.includes('node_modules/') && !link && !integrity,
);
const list = bare.map(([place]) => place.slice('node_modules/'.length)).sort();
writeFileSync(withoutHash, `${JSON.stringify(list, null, 2)}\n`);
process.stdout.write(`${added.length} packages of other platforms added\n`);

function isLocked(place, name) {
  return [`${place}/node_modules/${name}`, `node_modules/${name}`].some(
    (each) => lock.packages[each],
  );
}

/** Such packages are named for what they run on, as in `@scope/name-linux-x64-musl`. */
function entryOf(name, version, dev) {
  const words = name.split('-');
  const start = words.findIndex((word) => systems.includes(word));
  const [os, cpu, binary = ''] = words.slice(start);
  if (start === -1 || !cpu) throw new Error(`${name} does not name its platform`);
  const libc = os === 'linux' && { libc: [binary.startsWith('musl') ? 'musl' : 'glibc'] };
  return { version, cpu: [cpu], ...(dev && { dev }), ...libc, optional: true, os: [os] };
}
