import { isAtLeast, OLDEST, SUPPORTED, warningOf } from './nats-server-version.mjs';
import { machineOf } from './nats-server-machine.mjs';
import { Trouble } from './trouble.mjs';

/**
 * The path of the newest nats-server that can be had: the caller's, the pinned one that was fetched before, the machine's
 * where that is still mended, the pinned one fetched now, and as the last resort any that runs.
 */
export async function findNatsServer(root, machine = machineOf(root)) {
  if (machine.named) return checkNamed(machine);
  if (machine.pinned()) return machine.pinned();
  const isMended = ({ version }) => isAtLeast(version, SUPPORTED);
  const mended = onMachine(machine).find(isMended);
  if (mended) return mended.file;
  const reason = await machine.fetch();
  if (reason === undefined) return machine.pinned();
  machine.say(`the newest nats-server was not fetched: ${reason}`);
  const [any = await install(machine)] = onMachine(machine, machine.fetchedBefore()).sort(
    newestFirst,
  );
  warn(machine, any.version);
  return any.file;
}

/** One that is no longer mended, to try what must hold on it as well; undefined where none can be had. */
export function findOldNatsServer(root, machine = machineOf(root)) {
  const isOld = ({ version }) => !isAtLeast(version, SUPPORTED);
  const find = () => onMachine(machine).find(isOld);
  const found = find();
  if (found) return found;
  machine.unpackDebians();
  return find();
}

function checkNamed(machine) {
  const file = machine.named;
  const version = machine.versionOf(file);
  if (version && isAtLeast(version, OLDEST)) {
    warn(machine, version);
    return file;
  }
  throw new Trouble(
    `SKYNET_NATS_SERVER names ${file}, which is not a nats-server ${OLDEST.join('.')} or newer.`,
    'Correct it, or unset it to let this program find or fetch one.',
  );
}

function onMachine(machine, ...more) {
  return [...more, ...machine.files()]
    .filter(Boolean)
    .map((file) => ({ file, version: machine.versionOf(file) }))
    .filter(({ version }) => version && isAtLeast(version, OLDEST));
}

function newestFirst({ version: one }, { version: other }) {
  return other[0] - one[0] || other[1] - one[1] || other[2] - one[2];
}

function install(machine) {
  const said = machine.install();
  const [installed] = onMachine(machine);
  if (installed) return installed;
  throw new Trouble(
    `There is no nats-server on this machine, and none could be fetched or installed: ${said}`,
    `Connect to the network and try again, or install nats-server ${SUPPORTED.join('.')} or newer and set SKYNET_NATS_SERVER to its path.`,
  );
}

function warn({ say }, version) {
  const warning = warningOf(version);
  if (warning) say(warning);
}
