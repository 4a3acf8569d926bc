import type { ModelRequest } from '../model.port.js';

const NOT_ALLOWED = /[^A-Za-z0-9_-]/g;

/** The names of tools as the API takes them: MCP allows dots, the Messages API does not. Undone in the answer. */
export class ToolNames {
  private readonly wireNames = new Map<string, string>();
  private readonly ownNames = new Map<string, string>();

  constructor(request: Pick<ModelRequest, 'tools'>) {
    for (const { name } of request.tools) this.wireNameOf(name);
  }

  wireNameOf(name: string): string {
    const known = this.wireNames.get(name);
    if (known !== undefined) return known;
    const base = name.replace(NOT_ALLOWED, '_');
    let wireName = base;
    for (let count = 2; this.ownNames.has(wireName); count += 1) wireName = `${base}_${count}`;
    this.wireNames.set(name, wireName);
    this.ownNames.set(wireName, name);
    return wireName;
  }

  ownNameOf(wireName: string): string {
    return this.ownNames.get(wireName) ?? wireName;
  }
}
