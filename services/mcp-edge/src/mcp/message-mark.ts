import type { ServerContext } from '@modelcontextprotocol/server';
import { sha256Hex } from '@skynet/platform';
import { programOf } from '../access/request-guard.js';
import { WideNumbers } from '../wire/wide-numbers.js';

/** Says nothing of the arguments. The same when a message is sent again; other programs' differ as far as anything tells. */
export function messageMark({ mcpReq, http }: ServerContext): string {
  const { id, _meta, envelope } = mcpReq;
  const headers = ['mcp-session-id', 'user-agent'].map((name) => http?.req?.headers.get(name));
  const said = [programOf(http?.authInfo), id, _meta, envelope, headers];
  return sha256Hex(WideNumbers.plain(JSON.stringify(said)));
}
