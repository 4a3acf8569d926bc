import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { unpackFromApt } from './debian-packages.mjs';
import { ask, say, timed } from './processes.mjs';

const SYSTEM_FOLDERS = ['/usr/bin', '/usr/local/bin'];
// The program itself, and the library that not every machine has.
const PACKAGES = ['bubblewrap', 'libcap2'];
const ASK_AGAIN_MS = 60 * 60 * 1_000;

/**
 * Sees to it that tool servers can have a sandbox: the machine's bubblewrap, or one fetched into .cache without root,
 * where libs/tool-host looks for it. Never fails: without one such servers are refused, and say so.
 */
export async function provideBubblewrap(root, machine = machineOf(root)) {
  const { isThere, wasAsked, fetch, say: tell } = machine;
  if (isThere() || wasAsked()) return;
  const trouble = await fetch();
  if (trouble) tell(`bubblewrap could not be fetched, tool servers have no sandbox: ${trouble}`);
}

function machineOf(root) {
  const target = join(root, '.cache/bubblewrap');
  const program = join(target, 'bwrap');
  const asked = join(root, '.cache/bubblewrap-asked');
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS].filter(Boolean);
  const onMachine = folders.map((folder) => join(folder, 'bwrap'));
  return {
    say,
    isThere: () => process.platform !== 'linux' || [...onMachine, program].some(existsSync),
    wasAsked: () => existsSync(asked) && Date.now() - statSync(asked).mtimeMs < ASK_AGAIN_MS,
    async fetch() {
      say('bubblewrap, the sandbox of tool servers, is not on this machine; fetching it …');
      const { result, line } = await timed('bubblewrap fetched', () => fetchFromApt(root, target));
      if (ask(program, ['--version']).code === 0) return say(`${line}: ${program}`);
      mkdirSync(dirname(asked), { recursive: true });
      writeFileSync(asked, '');
      return result.slice(-300);
    },
  };
}

/** Unpacked packages are where no loader looks for libraries; what runs inside of the sandbox has its own. */
function fetchFromApt(root, target) {
  const said = unpackFromApt(join(root, '.cache'), target, PACKAGES);
  const unpacked = join(target, 'usr/bin/bwrap');
  if (!existsSync(unpacked)) return said;
  const libraries = ['usr/lib', 'lib']
    .map((folder) => join(target, folder))
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((each) => join(folder, each)))
    .join(':');
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${unpacked}' --unsetenv LD_LIBRARY_PATH "$@"\n`;
  writeFileSync(join(target, 'bwrap'), script);
  chmodSync(join(target, 'bwrap'), 0o755);
  return said;
}
