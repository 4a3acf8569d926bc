import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEventStoreDouble, type EventStoreDouble } from '@skynet/testing';
import { readCliConfig } from '../command/cli.config.js';
import { createProgram } from '../program.js';
import { recordingTerminal } from '../testing/recording-terminal.js';
import { exitCodes, type Trouble } from '../ending/trouble.js';

let double: EventStoreDouble;
let folder: string;

beforeEach(async () => {
  double = await startEventStoreDouble();
  folder = await mkdtemp(join(tmpdir(), 'skynet-spec-'));
});
afterEach(async () => {
  double.stop();
  await rm(folder, { recursive: true });
});

async function install(environment: Record<string, string>, ...args: string[]) {
  const terminal = recordingTerminal();
  const run = async (work: Promise<number>) => void (await work);
  const config = readCliConfig({ SKYNET_DATA: folder, ...environment });
  const program = createProgram({ config, terminal, run });
  await program.parseAsync(['log', 'install', '--user', 'skynet', ...args], { from: 'user' });
  return terminal.printed;
}

const failure = (work: Promise<unknown>) => work.then(fail, (error: unknown) => error as Trouble);

function fail(): never {
  throw new Error('it succeeded');
}

describe('the access lists of EventStoreDB', () => {
  it('are written once, whoever asks again', async () => {
    const environment = { EVENT_STORE_URL: double.connectionString };
    expect(await install(environment)).toEqual(['only skynet and administrators get in now']);
    expect(await install(environment)).toEqual(['it was so already']);
  });

  it('are written where a file says, whatever the environment says', async () => {
    const file = join(folder, 'url');
    await writeFile(file, double.connectionString);
    const environment = { EVENT_STORE_URL: 'kurrentdb://nowhere.invalid:2113?tls=false' };
    expect(await install(environment, '--url-file', file)).toHaveLength(1);
  });

  it('need an EventStoreDB that is named', async () => {
    const missing = await failure(install({}));
    expect(missing).toMatchObject({ exitCode: exitCodes.usage });
    expect(missing.message).toContain('EVENT_STORE_URL');
    const unread = await failure(install({}, '--url-file', join(folder, 'gone')));
    expect(unread.message).toContain('EVENT_STORE_URL_FILE: cannot be read');
  });

  it('stay as they are when nobody answers', async () => {
    const { connectionString } = double;
    double.stop();
    const away = await failure(install({ EVENT_STORE_URL: connectionString }));
    expect(away.message).toContain('The access lists were not written');
    expect(away).toMatchObject({ exitCode: exitCodes.trouble });
  });
});
