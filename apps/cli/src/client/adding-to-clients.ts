import type { StoredConnection } from './connection-file.js';

/** One MCP client and what makes it know the server. */
export interface Recipe {
  readonly client: string;
  readonly how: readonly string[];
}

/** How MCP clients are told of the server; the token is in the text. */
export function recipes({ mcp, token }: Pick<StoredConnection, 'mcp' | 'token'>): Recipe[] {
  const headers = { Authorization: `Bearer ${token}` };
  const header = `Authorization: ${headers.Authorization}`;
  const vscode = { servers: { skynet: { type: 'http', url: mcp, headers } } };
  const cursor = { mcpServers: { skynet: { url: mcp, headers } } };
  const inspector = `npx @modelcontextprotocol/inspector --cli --server-url ${mcp} --transport http`;
  return [
    {
      client: 'Claude Code',
      how: [`claude mcp add --transport http skynet ${mcp} --header "${header}"`],
    },
    { client: 'VS Code, in .vscode/mcp.json', how: [JSON.stringify(vscode)] },
    { client: 'Cursor, in .cursor/mcp.json', how: [JSON.stringify(cursor)] },
    {
      client: 'MCP Inspector',
      how: [`${inspector} --header "${header}" --method tools/list`],
    },
  ];
}
