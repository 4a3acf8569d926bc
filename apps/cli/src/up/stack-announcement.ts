import type { DefaultModel } from '@skynet/contracts';
import { recipes } from '../mcp/adding-to-clients.js';
import { connectionFile } from '../connection/connection-file.js';
import { isOlderMinor, MENDED, minorText, versionText } from '../nats/nats-version.js';
import type { RunningStack } from '../stack/stack.js';
import type { StartNews } from './start-models.js';
import type { StackChange } from '../stack/supervisor.js';
import { oneLine } from '../screen/plain-text.js';
import type { Terminal } from '../screen/terminal.js';

const MODEL_CHARS = 500;

/** How `up` tells what became of the stack. */
export interface StackAnnouncement {
  readonly starting: () => void;
  readonly ready: (stack: RunningStack, tookMs: number, news: StartNews) => void;
  readonly change: (change: StackChange) => void;
  readonly stopping: () => void;
}

/** One line of JSON for each: programs wait for the one with `ready`. */
export function announceAsJson({ printJson }: Terminal): StackAnnouncement {
  return {
    starting: () => undefined,
    ready: (stack, _, news) => {
      const { connection, firstLogin } = stack;
      const natsServer = versionText(stack.natsServer.version);
      const processes = stack.pids();
      const more = { natsServer, firstLogin, processes, ...news };
      printJson({ ready: true, ...connection, ...more });
    },
    change: printJson,
    stopping: () => undefined,
  };
}

export function announceAsText({ colors, note, print }: Terminal): StackAnnouncement {
  return {
    starting: () => note('starting nats-server and the services …'),
    ready: (stack, tookMs, news) => {
      const { registry, defaultModel } = news;
      const { connection, firstLogin } = stack;
      const { mcp, nats, dataDir, metrics = {} } = connection;
      if (connection.token === '') {
        print(`nats-server ${natsLine(stack)} runs at ${nats}, and no service. Ctrl-C stops it.`);
        return;
      }
      print(`${colors.green('Skynet is ready')} (${(tookMs / 1_000).toFixed(1)} s)`);
      print('');
      print(`  MCP    ${colors.bold(mcp)}`);
      print(`  token  in ${connectionFile(dataDir)}`);
      print(`  logs   ${dataDir}/logs`);
      print(`  nats   ${natsLine(stack)}`);
      print(`  login  ${loginLine(firstLogin)}`);
      if (defaultModel !== undefined) print(`  model  ${modelLine(defaultModel)}`);
      if (registry !== undefined) print(`  registry  ${colors.red(registry)}`);
      for (const line of localLines(news)) print(`  ${line}`);
      for (const [name, url] of Object.entries(metrics)) print(`  metrics of ${name}: ${url}`);
      print('');
      print('Add it to a client, which logs you in by a browser:');
      print('');
      for (const { client, how } of recipes({ mcp })) {
        print(`  ${colors.dim(client)}`);
        for (const line of how) print(`    ${line}`);
      }
      print('');
      print('Ctrl-C stops it.');
    },
    change: ({ process, change, detail }) => {
      const color = change === 'restarted' ? colors.green : colors.red;
      note(color(`${process} ${detail}`));
    },
    stopping: () => note('stopping … (Ctrl-C again ends it at once)'),
  };
}

function modelLine({ id, why }: DefaultModel): string {
  return oneLine(`${id} for agents that name none, as ${why}`, MODEL_CHARS);
}

/** What was found on this machine, and what a registry has to say to keep it. */
function localLines({ localServers, localRegistry }: StartNews): string[] {
  if (localServers === undefined) return [];
  if (localServers.length === 0) return ['local  no server of models at the usual ports'];
  const found = localServers.map(({ name, url, models, leftOut }) => {
    const more = leftOut === 0 ? '' : ` and ${leftOut} more`;
    return oneLine(`local  ${name} at ${url}: ${models.join(', ')}${more}`, MODEL_CHARS);
  });
  if (localRegistry === undefined) return found;
  const entry = JSON.stringify(localRegistry, undefined, 2).split('\n');
  return [...found, 'In a registry (docs/models.md):', ...entry.map((line) => `  ${line}`)];
}

function loginLine(first: RunningStack['firstLogin']): string {
  return first === undefined
    ? 'by browser; "npm run skynet users list" shows who may'
    : `name ${first.name}, password ${first.password} (shown only now)`;
}

function natsLine({ natsServer: { version } }: RunningStack): string {
  const text = versionText(version);
  return isOlderMinor(version, MENDED)
    ? `${text} (older than ${minorText(MENDED)}: no support, open advisories)`
    : text;
}
