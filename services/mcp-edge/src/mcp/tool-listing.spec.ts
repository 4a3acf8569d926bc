import { describe, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import type { Tool } from '@modelcontextprotocol/server';
import { hasRole, toolCatalogue, type Role, type ToolName } from '@skynet/contracts';
import { listedTool } from './tool-listing.js';

const LISTED_BYTES_MAX = 8 * 1024;

/** What hosts hand on to models; few hand on what an answer looks like. */
const modelsRead = ({ name, description, inputSchema }: Tool) => ({
  ...{ name, description, inputSchema },
});

/** What those who spawn need every day; the tools that look back or repair are listed behind them, by role. */
const EVERYDAY_TOOLS = 10;

const UNWANTED = [
  ...['$ref', 'anyOf', 'oneOf', 'allOf', '$schema'],
  ...['format', 'default', 'additionalProperties'],
];

const listed = toolCatalogue.map(listedTool);
const jsonOf = (tools: readonly object[]) => JSON.stringify({ tools });
const json = jsonOf(listed);
const listedFor = (role: Role) =>
  toolCatalogue
    .filter((tool) => hasRole({ roles: [role] }, tool.role))
    .map((tool) => listedTool(tool));

function everySchemaIn(schema: unknown): object[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inside = Object.values(schema).flatMap(everySchemaIn);
  return 'type' in schema && typeof schema.type === 'string' ? [schema, ...inside] : inside;
}

describe('the list of tools', () => {
  it('fits into what a model reads at every turn', () => {
    const everyday = listed.slice(0, EVERYDAY_TOOLS);
    expect(Buffer.byteLength(jsonOf(everyday.map(modelsRead)))).toBeLessThan(LISTED_BYTES_MAX);
    expect(Buffer.byteLength(jsonOf(listedFor('viewer')))).toBeLessThan(LISTED_BYTES_MAX);
  });

  it('shows replay and fork to operators only, and raw logs to admins only', () => {
    const namesFor = (role: Role) => listedFor(role).map(({ name }) => name);
    expect(namesFor('viewer')).not.toContain('replay_agent');
    expect(namesFor('operator').slice(-3)).toEqual(['replay_agent', 'fork_agent', 'retry_agent']);
    expect(namesFor('admin')).toContain('export_agent');
    for (const role of ['viewer', 'operator'] as const) {
      expect(namesFor(role)).not.toContain('set_tenant_quotas');
    }
    expect(Buffer.byteLength(jsonOf(listedFor('operator')))).toBeLessThan(15 * 1024);
  });

  it('is the same to the byte in every process', () => {
    // A red pin says: every client reads the list anew. Be deliberate, then write the new digest here.
    expect(hash('sha256', json).slice(0, 16)).toBe('c2fce63370f48875');
  });

  it('keeps the order of the catalogue', () => {
    expect(listed.map(({ name }) => name)).toEqual(toolCatalogue.map(({ name }) => name));
  });
});

describe.each(listed)('the schemas of $name', ({ inputSchema, outputSchema }) => {
  it('are plain objects without references or unions, and without what converters trip over', () => {
    expect(inputSchema).toMatchObject({ type: 'object' });
    for (const schema of everySchemaIn(inputSchema)) {
      for (const keyword of UNWANTED) expect(schema).not.toHaveProperty(keyword);
    }
  });

  it('describe every field', () => {
    for (const [name, field] of Object.entries(inputSchema.properties ?? {})) {
      expect([name, field]).toEqual([
        name,
        expect.objectContaining({ description: expect.any(String) }),
      ]);
    }
  });

  it('say which fields an answer always has, and of which type', () => {
    const { properties, required = [] } = outputSchema as {
      properties: object;
      required: string[];
    };
    expect(Object.keys(properties)).toEqual(required);
    for (const field of Object.values(properties)) {
      expect(field).toEqual({ type: expect.any(String) });
    }
  });
});

describe('what a tool takes', () => {
  const spawn = listed[0]?.inputSchema;
  const propertiesOf = (tool: ToolName) =>
    listed.find(({ name }) => name === tool)?.inputSchema.properties;
  const AT_MOST = (characters: number) => ({
    description: expect.stringContaining(`≤ ${characters} characters`) as unknown,
  });

  it('is listed with types, choices and small bounds', () => {
    expect(spawn?.properties).toMatchObject({
      task: { type: 'object', required: ['description'] },
      priority: { type: 'integer', minimum: 0, maximum: 9 },
      onParentClose: { enum: ['terminate', 'continue'] },
    });
    expect(propertiesOf('fork_agent')).toMatchObject({ limits: { properties: { tokens: {} } } });
    expect(propertiesOf('list_agents')).toMatchObject({
      limit: { description: 'Per page (default 50)' },
    });
  });

  it('is listed with the bounds that a call is refused for, in words where a keyword would do harm', () => {
    expect(spawn?.properties).toMatchObject({
      task: { properties: { description: { description: expect.stringContaining('not empty') } } },
      model: { properties: { id: AT_MOST(128), maxTokens: { minimum: 1 } } },
      template: AT_MOST(64),
      tools: { description: expect.stringContaining('(≤ 64)') },
      limits: { properties: { tokens: { minimum: 0 }, seconds: { minimum: 0 } } },
      metadata: { description: expect.stringMatching(/256.*64/) },
      idempotencyKey: AT_MOST(200),
    });
    expect(propertiesOf('replay_agent')).toMatchObject({
      at: { minimum: 1 },
      conversationFrom: { minimum: 0 },
    });
    expect(propertiesOf('terminate_agent')).toMatchObject({ reason: AT_MOST(1_000) });
  });

  it('is listed without bounds that only a machine reads', () => {
    expect(JSON.stringify(spawn)).not.toMatch(/maxLength|524288|9007199254740991|pattern/);
  });
});
