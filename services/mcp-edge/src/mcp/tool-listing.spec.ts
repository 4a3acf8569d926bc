import { describe, expect, it } from '@jest/globals';
import { hash } from 'node:crypto';
import { hasRole, toolCatalogue, type Role } from '@skynet/contracts';
import { listedTool } from './tool-listing.js';

const LISTED_BYTES_MAX = 8 * 1024;

/** What those who spawn need every day; the tools that look back or repair are listed behind them, by role. */
const EVERYDAY_TOOLS = 10;

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
    expect(Buffer.byteLength(jsonOf(everyday))).toBeLessThan(LISTED_BYTES_MAX);
    expect(Buffer.byteLength(jsonOf(listedFor('viewer')))).toBeLessThan(LISTED_BYTES_MAX);
  });

  it('shows replay and fork to operators only, and raw logs to admins only', () => {
    const namesFor = (role: Role) => listedFor(role).map(({ name }) => name);
    expect(namesFor('viewer')).not.toContain('replay_agent');
    expect(namesFor('operator').slice(-2)).toEqual(['replay_agent', 'fork_agent']);
    expect(namesFor('admin')).toContain('export_agent');
    expect(Buffer.byteLength(jsonOf(listedFor('operator')))).toBeLessThan(9 * 1024);
  });

  it('is the same to the byte in every process', () => {
    // A red pin says: every client reads the list anew. Be deliberate, then write the new digest here.
    expect(hash('sha256', json).slice(0, 16)).toBe('937bd6e3cc5d6378');
  });

  it('keeps the order of the catalogue', () => {
    expect(listed.map(({ name }) => name)).toEqual(toolCatalogue.map(({ name }) => name));
  });
});

describe.each(listed)('the schemas of $name', ({ inputSchema, outputSchema }) => {
  it('are plain objects without references or unions, closed to unknown arguments', () => {
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    for (const schema of everySchemaIn(inputSchema)) {
      for (const keyword of ['$ref', 'anyOf', 'oneOf', 'allOf', '$schema']) {
        expect(schema).not.toHaveProperty(keyword);
      }
      if ('properties' in schema) {
        expect(schema).toHaveProperty('additionalProperties', false);
      }
    }
  });

  it('say which fields an answer always has', () => {
    expect(outputSchema).toEqual({ type: 'object', required: expect.any(Array) });
  });
});

describe('what a tool takes', () => {
  const spawn = listed[0]?.inputSchema;

  it('is listed with types, choices and small bounds', () => {
    expect(spawn?.properties).toMatchObject({
      task: { type: 'object', required: ['description'] },
      priority: { type: 'integer', minimum: 0, maximum: 9 },
      onParentClose: { enum: ['terminate', 'continue'] },
    });
  });

  it('is listed without bounds that only a machine reads', () => {
    expect(JSON.stringify(spawn)).not.toMatch(/maxLength|524288|9007199254740991|pattern/);
  });
});
