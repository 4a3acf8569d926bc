import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, say, timed } from './processes.mjs';
import { Trouble } from './trouble.mjs';

const SOURCE_FOLDERS = ['libs', 'services', 'apps'];
const SOURCE_FILES = ['tsconfig.base.json', 'nx.json', 'package-lock.json'];
const NOT_SOURCES = new Set(['node_modules', 'dist']);

/** Builds with nx, or does nothing when no source changed since the last build: nx alone takes over a second to start. */
export async function build(root, env) {
  const stamp = join(root, '.cache/built');
  const files = [...SOURCE_FILES, ...SOURCE_FOLDERS.flatMap((folder) => [...walk(root, folder)])];
  const before = fingerprint(root, files);
  if (read(stamp) === before && hasOutputs(root, files)) return;
  say('building …');
  const { result: code, line } = await timed('built', () =>
    run('nx', ['run-many', '-t', 'build', '--outputStyle=static'], {
      cwd: root,
      env,
      stdio: ['ignore', 2, 2],
    }),
  );
  if (code !== 0) {
    throw new Trouble('The build failed.', 'Mend what is named above, then run it again.', code);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  // Taken before the build: a file that changed meanwhile is built next time.
  writeFileSync(stamp, before);
  say(line);
}

function fingerprint(root, files) {
  const hash = createHash('sha256');
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}:${size}:${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function hasOutputs(root, files) {
  return files
    .filter((file) => file.endsWith('/tsconfig.json'))
    .every((file) => existsSync(join(root, dirname(file), 'dist/.tsbuildinfo')));
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function* walk(root, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!NOT_SOURCES.has(entry.name)) yield* walk(root, path);
    } else if (!entry.name.endsWith('.spec.ts')) {
      yield path;
    }
  }
}
