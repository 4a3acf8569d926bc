import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export const name = 'Restate';

const SERVER = `@restatedev/restate-server-${process.platform}-${process.arch}`;

/** One server with the settings that it is shipped with, one service, and this process as the client. */
export async function start({ folder, freePort, run, untilReady }) {
  const ports = {};
  for (const use of ['ingress', 'admin', 'fabric', 'service']) ports[use] = await freePort();
  const url = (port) => `http://127.0.0.1:${port}`;
  run('restate', serverFile(), ['--no-logo', '--base-dir', folder], {
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ports.ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${ports.admin}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${ports.fabric}`,
    RESTATE_ADVERTISED_ADDRESS: url(ports.fabric),
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'error',
    DO_NOT_TRACK: '1',
  });
  const program = fileURLToPath(new URL('service.mjs', import.meta.url));
  run('service', process.execPath, [program, ports.service]);
  await untilReady(async () => answer(await fetch(`${url(ports.admin)}/health`)));
  await untilReady(async () => answer(await fetch(`${url(ports.ingress)}/restate/health`)));
  const deployment = { uri: url(ports.service) };
  await untilReady(async () => answer(await post(`${url(ports.admin)}/deployments`, deployment)));
  return {
    version: `Restate ${await installed('restate-server')}, SDK ${await installed('restate-sdk')}`,
    durability: 'one node, its log synced to disk before it answers',
    async submit(tree) {
      const headers = { 'idempotency-key': randomUUID() };
      const accepted = await post(`${url(ports.ingress)}/agent/run/send`, tree, headers);
      const { invocationId } = await answer(accepted);
      const attach = `${url(ports.ingress)}/restate/invocation/${invocationId}/attach`;
      return { ended: async () => answer(await fetch(attach)) };
    },
    close: async () => undefined,
  };
}

function post(url, body, headers) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function answer(response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

function serverFile() {
  try {
    return createRequire(import.meta.url).resolve(`${SERVER}/bin/restate-server`);
  } catch (cause) {
    throw new Error(`npm has no ${SERVER}`, { cause });
  }
}

async function installed(packageName) {
  const file = new URL(`node_modules/@restatedev/${packageName}/package.json`, import.meta.url);
  return JSON.parse(await readFile(file, 'utf8')).version;
}
