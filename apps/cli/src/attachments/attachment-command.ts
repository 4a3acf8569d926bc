import { writeFile } from 'node:fs/promises';
import { listAgents } from '@skynet/client';
import { getAgentStatusTool, type AttachmentShape } from '@skynet/contracts';
import type { Command } from 'commander';
import { addConnectionOptions, connected, type Called } from '../connection/connected.js';
import type { ConnectionOptions } from '../connection/connection.js';
import type { Surroundings, Work } from '../command/surroundings.js';
import { exitCodes, Trouble } from '../ending/trouble.js';
import { uploadFiles } from './uploaded-files.js';

interface PutOptions extends ConnectionOptions {
  readonly json?: boolean;
}

interface GetOptions extends ConnectionOptions {
  readonly output?: string;
}

export function addAttachment(program: Command, surroundings: Surroundings): void {
  const attachment = program
    .command('attachment')
    .summary('bring files to agents, and get files of agents')
    .description('Files of your tenant, named by the SHA-256 of their bytes.');
  addPut(attachment, surroundings);
  addGet(attachment, surroundings);
  addList(attachment, surroundings);
}

function addPut(parent: Command, surroundings: Surroundings): void {
  const put = parent
    .command('put')
    .description('Stores files and prints their ids, for "attachments" of spawn_agent.')
    .argument('<files...>', 'at most 16 MiB each')
    .option('--json', 'print JSON');
  addConnectionOptions(put).action((files: string[], options: PutOptions) =>
    surroundings.run(
      connected(surroundings, options, async ({ client, terminal }) => {
        const uploaded = await uploadFiles(files, client);
        if (options.json === true) terminal.printJson(uploaded);
        else uploaded.map(lineOf).forEach(terminal.print);
        return exitCodes.ok;
      }),
    ),
  );
}

function addGet(parent: Command, surroundings: Surroundings): void {
  const get = parent
    .command('get')
    .description('Writes the bytes of one to a file, or to standard output.')
    .argument('<id>', 'the attachment')
    .option('-o, --output <file>', 'a file that is not there yet; default: standard output');
  addConnectionOptions(get).action((id: string, options: GetOptions) =>
    surroundings.run(
      connected(surroundings, options, (called) => download(id, options.output, called)),
    ),
  );
}

function addList(parent: Command, surroundings: Surroundings): void {
  const list = parent
    .command('ls')
    .description(
      'Lists the images and files of a tree: of each agent the newest 50, of its task and its tools.',
    )
    .argument('<root>', 'the root of the tree')
    .option('--json', 'print JSON');
  addConnectionOptions(list).action((rootId: string, options: PutOptions) =>
    surroundings.run(
      connected(surroundings, options, async (called) => {
        const found = await attachmentsOf(rootId, called);
        if (options.json === true) called.terminal.printJson(found);
        else found.map(lineOf).forEach(called.terminal.print);
        return exitCodes.ok;
      }),
    ),
  );
}

async function attachmentsOf(
  rootId: string,
  { client, signal }: Called,
): Promise<AttachmentShape[]> {
  const found = new Map<string, AttachmentShape>();
  const root = await client.call(getAgentStatusTool, { agentId: rootId }, { signal });
  for (const { agentId } of await listAgents(client, { rootId: root.rootId }, signal)) {
    const { attachments = [] } = await client.call(getAgentStatusTool, { agentId }, { signal });
    for (const each of attachments) found.set(each.id, each);
  }
  return [...found.values()];
}

async function download(id: string, file: string | undefined, { client, terminal }: Called): Work {
  const bytes = await client.files.download(id);
  if (file === undefined) {
    terminal.printBytes(bytes);
    return exitCodes.ok;
  }
  try {
    await writeFile(file, bytes, { flag: 'wx' });
  } catch (error) {
    const why = (error as Error).message;
    const next = 'Name a file that is not there yet, in a folder that is.';
    throw new Trouble(`${file} can't be written: ${why}.`, { next });
  }
  return exitCodes.ok;
}

function lineOf({ id, mediaType, bytes, name = '' }: AttachmentShape): string {
  return `${id}  ${mediaType}  ${bytes} bytes  ${name}`.trimEnd();
}
