// What agents call tool servers with, as a client that the conformance suite of MCP drives: lists the tools of the server
// at the URL that is the last argument, and calls each. It is the people whom servers ask, and the person and the browser
// where somebody has to log in.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '../../libs/platform/dist/index.js';
import { RemoteToolHost } from '../../libs/tool-host/dist/index.js';
import { readServer } from '../../services/agent-runtime/dist/registry/server-reader.js';
import { KnownSecrets } from '../../services/agent-runtime/dist/secrets/known-secrets.js';
import { Secrets } from '../../services/agent-runtime/dist/secrets/secrets.js';
import {
  beginLogin,
  endLogin,
} from '../../services/agent-runtime/dist/tools/logins/person-login.js';
import { ServerLogins } from '../../services/agent-runtime/dist/tools/logins/server-logins.js';
import { McpToolServer } from '../../services/agent-runtime/dist/tools/mcp/mcp-tool-server.adapter.js';

const NAME = 'conformance';
/** A person would not log in again and again either. */
const MAX_LOGINS = 3;
const TIMEOUT_MS = 20_000;
const MAX_ROUNDS = 10;
const VALUES = { text: 'text', number: 1, integer: 1, boolean: true, texts: [] };
const REDIRECT_URL = 'http://127.0.0.1:1/callback';
const ECHO = 'json_schema_echo';
const CLIENT_DOCUMENT = 'https://conformance-test.local/client-metadata.json';

const url = process.argv.at(-1);
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}');
const folder = await mkdtemp(join(tmpdir(), 'skynet-conformance-'));
const means = { clock: systemClock, log: silentLogger };
const logins = new ServerLogins({ ...means, folder, secrets: new KnownSecrets() });
const server = { name: NAME, entry: await entryOf(url) };
const client = new McpToolServer(NAME, {
  ...means,
  entry: server.entry,
  folder,
  hidden: [],
  hosts: new RemoteToolHost({ path: '/nowhere' }),
  logins,
});
let left = MAX_LOGINS;
try {
  const { tools } = await loggingIn(() => client.list());
  for (const { name, arguments: given } of context.toolCalls ?? callsOf(tools)) {
    const call = { tool: name, arguments: given, timeoutMs: TIMEOUT_MS, onQuestion };
    const result = await answering(call);
    process.stdout.write(`${name}: ${result.content.slice(0, 200)}\n`);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await client.close();
  await rm(folder, { recursive: true });
}

/** As an operator would write it. */
async function entryOf(address) {
  const oauth = await oauthOf();
  const raw = { url: address, ...(oauth !== undefined && { oauth }) };
  const { entry, mistakes } = readServer(NAME, raw, { environment: {}, secrets: new Secrets() });
  if (entry === undefined) throw new Error(JSON.stringify(mistakes));
  return entry;
}

async function oauthOf() {
  const { client_id: clientId, client_secret: clientSecret, private_key_pem: privateKey } = context;
  const { signing_algorithm: algorithm } = context;
  const issuer = context.issuer ?? (await issuerNow());
  if (scenario === 'auth/basic-cimd') return { login: true, clientMetadataUrl: CLIENT_DOCUMENT };
  if (scenario === 'auth/pre-registration') return { login: true, clientId, clientSecret, issuer };
  if (scenario === 'auth/client-credentials-basic') return { issuer, clientId, clientSecret };
  if (scenario === 'auth/client-credentials-jwt')
    return { issuer, clientId, privateKey, algorithm };
  return undefined;
}

/** An operator knows it from the one who runs the authorization server. */
async function issuerNow() {
  if (context.client_id === undefined) return undefined;
  const place = new URL('/.well-known/oauth-protected-resource/mcp', url);
  const answer = await fetch(place).then((response) => response.json());
  return answer.authorization_servers[0];
}

/** As people who say what is needed, and nothing where there is a default. */
async function onQuestion({ fields }) {
  const said = fields.flatMap(({ name, kind, among, fallback, isRequired }) => {
    if (fallback !== undefined) return [[name, fallback]];
    return isRequired ? [[name, among?.[0] ?? VALUES[kind]]] : [];
  });
  return { action: 'accept', content: Object.fromEntries(said) };
}

/** The call, again with the answers as long as the server asks. */
async function answering(call) {
  for (let told, round = 0; ; round += 1) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const result = await loggingIn(() => client.call({ ...call, told }, signal));
    if (result.asks === undefined || round === MAX_ROUNDS) return result;
    const { requests, state } = result.asks;
    const given = requests.map(async (each) => [each.key, await onQuestion(each)]);
    told = { answers: Object.fromEntries(await Promise.all(given)), state };
  }
}

async function loggingIn(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!error.message.includes('skynet tools login') || left === 0) throw error;
      left -= 1;
      await logIn();
    }
  }
}

async function logIn() {
  const { page } = await beginLogin(server, REDIRECT_URL, logins);
  const { headers } = await fetch(page, { redirect: 'manual' });
  const back = new URL(headers.get('location') ?? '');
  await endLogin(server, Object.fromEntries(back.searchParams), logins);
}

function callsOf(tools) {
  // It is given back what was said of the other tool.
  const [{ inputSchema: schema } = {}] = tools.filter(({ name }) => name !== ECHO);
  if (tools.some(({ name }) => name === ECHO)) return [{ name: ECHO, arguments: { schema } }];
  return tools.map(({ name, inputSchema: { properties = {} } }) => ({
    name,
    arguments: Object.fromEntries(
      Object.entries(properties).map(([key, schema]) => [key, valueOf(schema)]),
    ),
  }));
}

function valueOf({ default: given, enum: among, type }) {
  if (given !== undefined) return given;
  if (Array.isArray(among)) return among[0];
  if (type === 'number' || type === 'integer') return 1;
  if (type === 'boolean') return true;
  if (type === 'array') return [];
  return type === 'object' ? {} : 'text';
}
