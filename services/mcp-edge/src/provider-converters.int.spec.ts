import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mcpToTool } from '@google/genai';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { getAllMcpTools, MCPServerStreamableHttp, RunContext } from '@openai/agents-core';
import { toolCatalogue } from '@skynet/contracts';
import { agentRow, TENANT } from './testing/agent-rows.js';
import { startEdge, type RunningEdge } from './testing/running-edge.js';
import { startTestIssuer, type TestIssuer } from './testing/test-issuer.js';

/*
 * What frameworks make of the list of tools, and what then comes: each converter is the real one, and each calls the edge
 * with what its schemas leave a model to say. What the providers themselves accept is not tried.
 */

interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
}

const NAMES = toolCatalogue.map(({ name }) => name);
const ROW = agentRow('asked', { status: 'completed', output: 'seven' });

let issuer: TestIssuer;
let edge: RunningEdge;
let headers: Record<string, string>;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  issuer = await startTestIssuer();
  edge = await startEdge(issuer.jwksUrl, { EDGE_OPERATOR_TENANT: TENANT });
  edge.owner.rows.push(ROW);
  await edge.project(ROW);
  headers = { authorization: `Bearer ${await issuer.token('admin')}` };
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await edge.application.close();
  await issuer.stop();
});

/** Of several ways to say when, and of what more, a model has to choose one. */
const CHOSEN = ['afterSeconds', 'tokens'];

/** Every field of the schema: what the edge needs gets a value, all else what the filler says. */
function filled(schema: Schema, needed: Schema, filler: (schema: Schema) => unknown): object {
  const entries = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const own = needed.properties?.[name] ?? {};
    const isChosen = CHOSEN.includes(name) && needed.properties?.[name] !== undefined;
    const isNeeded = needed.required?.includes(name) === true || isChosen;
    if (isNeeded && own.type === 'object') return [name, filled(field, own, filler)] as const;
    return [name, isNeeded ? valueOf(name, own) : filler(field)] as const;
  });
  return Object.fromEntries(entries);
}

function valueOf(name: string, { enum: choices }: Schema): unknown {
  if (choices !== undefined) return choices[0];
  if (CHOSEN.includes(name)) return 5;
  return name.endsWith('Id') ? ROW.agentId : 'x';
}

const absent = () => null;
/** For those that may not say null: nothing, in the type that is wanted. */
function empty({ type, properties }: Schema): unknown {
  if (type === 'object') return properties === undefined ? {} : filled({ properties }, {}, empty);
  return type === 'array' ? [] : '';
}

/** What the tools then do is another matter. */
async function expectUnderstood(answers: readonly Promise<unknown>[]): Promise<void> {
  const texts = (await Promise.all(answers)).map((answer) => JSON.stringify(answer));
  expect(texts).toHaveLength(NAMES.length);
  expect(texts.filter((text) => text.includes('INVALID_ARGUMENTS'))).toEqual([]);
}

async function oldClient(): Promise<Client> {
  const client = new Client({ name: 'spec', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${edge.url}/mcp`), { requestInit: { headers } }),
  );
  closing.push(() => client.close());
  return client;
}

async function listed(): Promise<ReadonlyMap<string, Schema>> {
  const { tools } = await (await oldClient()).listTools();
  return new Map(tools.map(({ name, inputSchema }) => [name, inputSchema as Schema]));
}

describe('the strict schemas of @openai/agents', () => {
  async function strictTools() {
    const url = `${edge.url}/mcp`;
    const server = new MCPServerStreamableHttp({ url, name: 'edge', requestInit: { headers } });
    await server.connect();
    closing.push(() => server.close());
    const tools = await getAllMcpTools({ mcpServers: [server], convertSchemasToStrict: true });
    return tools.flatMap((tool) => (tool.type === 'function' ? [tool] : []));
  }

  it('are made of every tool', async () => {
    const tools = await strictTools();
    expect(tools.map(({ name }) => name)).toEqual(NAMES);
    const loose = tools.filter(({ strict }) => !strict).map(({ name }) => name);
    expect(loose).toEqual([]);
  });

  it('leave calls that the edge understands', async () => {
    const needed = await listed();
    const tools = await strictTools();
    const answers = tools.map((tool) => {
      const args = filled(tool.parameters as Schema, needed.get(tool.name) ?? {}, absent);
      return tool.invoke(new RunContext(), JSON.stringify(args));
    });
    await expectUnderstood(answers);
  });
});

describe('the declarations of @google/genai', () => {
  it('are made of every tool, and leave calls that the edge understands', async () => {
    const tool = mcpToTool(await oldClient());
    const { functionDeclarations = [] } = await tool.tool();
    expect(functionDeclarations.map(({ name }) => name)).toEqual(NAMES);
    const needed = await listed();
    const answers = functionDeclarations.map(({ name = '', parametersJsonSchema }) => {
      const args = filled(parametersJsonSchema as Schema, needed.get(name) ?? {}, empty);
      return tool.callTool([{ name, args: { ...args } }]);
    });
    await expectUnderstood(answers);
  });
});

describe.each([
  ['null', absent],
  ['something empty', empty],
] as const)('a framework that fills every field with %s', (_what, filler) => {
  it('is understood', async () => {
    const client = await oldClient();
    const answers = [...(await listed())].map(([name, schema]) =>
      client.callTool({ name, arguments: { ...filled(schema, schema, filler) } }),
    );
    await expectUnderstood(answers);
  });
});
