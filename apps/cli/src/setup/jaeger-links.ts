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

/** Part of the page that names of spans get at first; Jaeger's own quarter cuts those of agents off at the third level. */
const NAMES_WIDTH = '0.4';

/**
 * Writes what Jaeger's pages run: ids of agents are links to their page, and names have room. Without a page ids lead to the
 * calls of clients about the agent, in Jaeger itself.
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
  await writeFile(join(own, 'ui.js'), programOf({ linkPatterns }));
}

/** The page keeps a width that a person has chosen in its storage, and reads it from there before anything is drawn. */
function programOf(config: object): string {
  return `try {
  localStorage.spanNameColumnWidth ??= '${NAMES_WIDTH}';
} catch {
  // A browser that keeps nothing.
}
function UIConfig() {
  return ${JSON.stringify(config, undefined, 2)};
}
`;
}

function callsAbout(key: string): string {
  const tags = `%7B%22${attributeNames.agentId}%22%3A%22#{${key}}%22%7D`;
  return `/search?service=mcp-edge&tags=${tags}&lookback=2d&limit=100`;
}
