import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Trouble } from '../ending/trouble.js';
import {
  isOlderMinor,
  MENDED,
  minorText,
  parseNatsVersion,
  versionText,
  type NatsVersion,
} from './nats-version.js';

type Minor = Pick<NatsVersion, 'major' | 'minor'>;

const FILE = 'nats-server.version';
/** The first that keeps an index of each stream in a file that 2.9 does not know. */
const FIRST_WITH_INDEX: Minor = { major: 2, minor: 10 };

/** The newest minor version of nats-server that wrote the folder, as far as it can be told. */
export async function readNatsMark(folder: string): Promise<Minor | undefined> {
  const marked = parseNatsVersion(await textOf(join(folder, FILE)));
  return marked ?? ((await hasIndexes(join(folder, 'nats'))) ? FIRST_WITH_INDEX : undefined);
}

/**
 * Notes in the folder which version is about to write it. With `allowOlder` one that is older, but still mended, may.
 *
 * @throws Trouble when a newer minor version has written it: an older one may destroy what it does not know
 */
export async function markNatsVersion(
  folder: string,
  version: NatsVersion,
  { allowOlder = false }: { readonly allowOlder?: boolean | undefined } = {},
): Promise<void> {
  const mark = await readNatsMark(folder);
  const isOlder = mark !== undefined && isOlderMinor(version, mark);
  if (isOlder && (!allowOlder || isOlderMinor(version, MENDED)))
    throw refusal(folder, version, mark);
  await writeFile(join(folder, FILE), `${minorText(version)}\n`, { mode: 0o600 });
}

function refusal(folder: string, version: NatsVersion, mark: Minor): Trouble {
  const [written, least] = [minorText(mark), minorText(MENDED)];
  const down = isOlderMinor(version, MENDED)
    ? `The way down: "skynet backup" with ${written}, then "skynet restore" into a new folder with the older one.`
    : 'If it must be this one: make a backup, then start it with --allow-older-nats.';
  return new Trouble(
    `nats-server ${written} has written ${folder}, and ${versionText(version)} may destroy what it does not know of it.`,
    {
      next:
        `Run nats-server ${written} or newer: "npm start" fetches one when SKYNET_NATS_SERVER is not set. ${down} ` +
        `Never go below ${least} in a folder. docs/operations/upgrade.md has the ways.`,
    },
  );
}

/** A folder from before the mark: 2.10 and newer leave `index.db` beside the messages of a stream. */
async function hasIndexes(store: string): Promise<boolean> {
  const root = join(store, 'jetstream');
  for (const account of await namesIn(root)) {
    const streams = join(root, account, 'streams');
    for (const stream of await namesIn(streams)) {
      if (existsSync(join(streams, stream, 'msgs/index.db'))) return true;
    }
  }
  return false;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(ifMissing([]));
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(ifMissing(''));
}

function ifMissing<Value>(value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}
