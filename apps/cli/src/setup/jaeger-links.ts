import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attributeNames } from '@skynet/platform';
import { InvalidArgumentError } from 'commander';
import { makeFolder } from '../files/make-folder.js';

const PLACE = '{agentId}';
const LINKED = [attributeNames.agentId, attributeNames.parentId, attributeNames.rootId];

/** URL of a page that shows an agent, with `{agentId}` in it. */
export function agentPage(text: string): string {
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (isUrl && text.includes(PLACE)) return text;
  throw new InvalidArgumentError(`expected an http(s) URL with ${PLACE} in it`);
}

/**
 * Writes what Jaeger's pages read: ids of agents are links to their page. Without one they lead to the calls of clients
 * about the agent, in Jaeger itself.
 */
export async function writeJaegerLinks(folder: string, page?: string): Promise<void> {
  const own = join(folder, 'jaeger');
  const linkPatterns = LINKED.map((key) => ({
    type: 'tags',
    key,
    url: page === undefined ? callsAbout(key) : page.replaceAll(PLACE, `#{${key}}`),
    text: page === undefined ? 'What clients did to this agent' : 'Open this agent',
  }));
  await makeFolder(own);
  await writeFile(join(own, 'ui.json'), `${JSON.stringify({ linkPatterns }, undefined, 2)}\n`);
}

function callsAbout(key: string): string {
  const tags = `%7B%22${attributeNames.agentId}%22%3A%22#{${key}}%22%7D`;
  return `/search?service=mcp-edge&tags=${tags}&lookback=2d&limit=100`;
}
