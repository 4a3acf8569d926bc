import { recipes } from '../mcp/adding-to-clients.js';
import { connectionFile } from '../connection/connection-file.js';
import { isOlderMinor, MENDED, minorText, versionText } from '../nats/nats-version.js';
import type { RunningStack } from '../stack/stack.js';
import type { StackChange } from '../stack/supervisor.js';
import type { Terminal } from '../screen/terminal.js';

/** How `up` tells what became of the stack. */
export interface StackAnnouncement {
  readonly starting: () => void;
  /** `registry`: what is to be said of it. */
  readonly ready: (stack: RunningStack, tookMs: number, registry?: string) => void;
  readonly change: (change: StackChange) => void;
  readonly stopping: () => void;
}

/** One line of JSON for each: programs wait for the one with `ready`. */
export function announceAsJson({ printJson }: Terminal): StackAnnouncement {
  return {
    starting: () => undefined,
    ready: (stack, _, registry) => {
      const { connection, firstLogin } = stack;
      const natsServer = versionText(stack.natsServer.version);
      const processes = stack.pids();
      const more = { natsServer, firstLogin, processes, registry };
      printJson({ ready: true, ...connection, ...more });
    },
    change: printJson,
    stopping: () => undefined,
  };
}

export function announceAsText({ colors, note, print }: Terminal): StackAnnouncement {
  return {
    starting: () => note('starting nats-server and the services …'),
    ready: (stack, tookMs, registry) => {
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
      if (registry !== undefined) print(`  registry  ${colors.red(registry)}`);
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
