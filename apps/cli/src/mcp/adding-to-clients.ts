/** One MCP client and what makes it know the server. */
export interface Recipe {
  readonly client: string;
  readonly how: readonly string[];
}

/** How MCP clients are told of the server. Without a token they log their user in by a browser. */
export function recipes({
  mcp,
  token,
}: {
  readonly mcp: string;
  readonly token?: string;
}): Recipe[] {
  const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
  const header = headers && ` --header "Authorization: ${headers.Authorization}"`;
  const server = { url: mcp, ...(headers && { headers }) };
  const vscode = { servers: { skynet: { type: 'http', ...server } } };
  const cursor = { mcpServers: { skynet: server } };
  const inspector = `npx @modelcontextprotocol/inspector --cli --server-url ${mcp} --transport http`;
  return [
    {
      client: 'Claude Code',
      how: [`claude mcp add --transport http skynet ${mcp}${header ?? ''}`],
    },
    { client: 'VS Code, in .vscode/mcp.json', how: [JSON.stringify(vscode)] },
    { client: 'Cursor, in .cursor/mcp.json', how: [JSON.stringify(cursor)] },
    {
      client: 'MCP Inspector',
      how: [
        header === undefined
          ? `npx @modelcontextprotocol/inspector --web --server-url ${mcp} --transport http`
          : `${inspector}${header} --method tools/list`,
      ],
    },
  ];
}
